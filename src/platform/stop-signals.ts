/** From the terminal of `npm start` the server has Ctrl+C itself, and again from npm, which hands it on. */
const SAME_STOP_MS = 1_000

/**
 * Elsewhere than on Windows a terminal that is closed ends the server as it ends anything: to listen would undo `nohup`.
 * Windows has no SIGTERM that a process could hear, but Ctrl+C, Ctrl+Break and the closing of the window.
 */
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGTERM', 'SIGINT']

/**
 * Listens for what asks the process to stop; without a listener the first process of a container hears none of it.
 * @param stopNow a signal after the first one means now
 * @returns aborted by the first one, whose name is the reason
 */
export function stopOnSignals(stopNow: () => void): AbortSignal {
  const controller = new AbortController()
  let askedAt = Number.POSITIVE_INFINITY
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (controller.signal.aborted && performance.now() - askedAt > SAME_STOP_MS) stopNow()
      if (controller.signal.aborted) return
      askedAt = performance.now()
      controller.abort(signal)
    })
  return controller.signal
}
