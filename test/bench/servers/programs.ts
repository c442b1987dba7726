import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onServerCore } from '../cores.ts'

/** A server that is not ready after so long, on a machine that is busy, will not be. */
const READY_MS = 120_000
const ASKED_MS = 5000
const POLL_MS = 50
const WITH_PARENT = import.meta.resolve('./with-parent.ts')
/** All that servers have of this process's environment. */
const { PATH = '', NODE_COMPILE_CACHE } = process.env

/** A server that was started, in a process of its own. */
export interface Program {
  readonly port: number
  readonly pid: number
  /** Empties what it has logged: a busy server writes gigabytes in an hour. */
  emptyLog(): void
  /** Lets it finish. */
  stop(): Promise<void>
}

export interface Start {
  /** Arguments of Node.js; the port is the server's to know. */
  readonly args: readonly string[]
  readonly port: number
  /** A path that is answered 200 once it is ready. */
  readonly ready?: string
  readonly env?: Readonly<Record<string, string>>
  /** Whether it has processes of its own, and so needs more than the server's core. */
  readonly everywhere?: boolean
}

/** Starts programs for one run, and ends with it all that is left of them. */
export class Programs {
  readonly #folder: string
  readonly #running = new Set<ChildProcess>()
  #closed = false

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(): Promise<Programs> {
    return new Programs(await mkdtemp(join(tmpdir(), 'sentinel-pass-bench-')))
  }

  /** A folder that goes with the run. */
  get folder(): string {
    return this.#folder
  }

  /** Standard output goes to a file, as the log of a server does that somebody keeps. @throws when it does not get ready */
  async start({ args, port, ready, env = {}, everywhere = false }: Start): Promise<Program> {
    if (this.#closed) throw new Error('The run has ended')
    const log = join(this.#folder, `${port}.log`)
    const [command = '', ...rest] = onServerCore(
      [process.execPath, '--import', WITH_PARENT, ...args],
      everywhere,
    )
    const child = spawn(command, rest, {
      env: { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...env },
      stdio: ['pipe', openSync(log, 'a'), 'inherit'],
    })
    this.#running.add(child)
    const ended = once(child, 'exit').then(() => this.#running.delete(child))
    await answering(child, port, ready)
    return {
      port,
      pid: child.pid ?? 0,
      emptyLog: () => truncateSync(log),
      async stop() {
        child.kill('SIGTERM')
        await ended
      },
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const child of this.#running) child.kill('SIGKILL')
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function answering(child: ChildProcess, port: number, ready = '/'): Promise<void> {
  const deadline = performance.now() + READY_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`)
    const status = await fetch(`http://127.0.0.1:${port}${ready}`, { signal: AbortSignal.timeout(ASKED_MS) })
      .then(async answer => {
        await answer.arrayBuffer()
        return answer.status
      })
      .catch(() => undefined)
    if (status === 200 || (status !== undefined && ready === '/')) return
    await delay(POLL_MS)
  }
  throw new Error(`${child.spawnargs.join(' ')} is not ready`)
}
