import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createPlace, type TestPlace } from './backend.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const POLL_MS = 20
/** A process that takes longer than this to become ready, or to end, does not any more. */
const DEADLINE_MS = 60_000
/** Sixty starts of the same modules: compiled once, they take a tenth less. */
const COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'compile')

export const SECRET_KEY = Buffer.alloc(32, 9).toString('base64')

/** How a process ended, and all that it said. */
export interface Ended {
  /** Null: a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real server, in a process of its own. */
export interface ServerProcess {
  readonly url: string
  readonly port: number
  /** Milliseconds from its start to the first `/ready` that was answered with 200. */
  readonly readyAfterMs: number
  /** Of what was started, which need not be the server itself. */
  readonly pid: number
  /** What it has written to its standard output by now. */
  stdout(): string
  /** Sends a signal, to this process alone. */
  signal(name: NodeJS.Signals): void
  /** Waits for its end; kills it when that does not come. */
  ended(): Promise<Ended>
  /** Sends a signal and waits for the end. */
  end(name: NodeJS.Signals): Promise<Ended>
}

/** What starts the server, in place of Node.js itself: a group of processes of its own, as a terminal makes one. */
export type Launcher = readonly [program: string, ...args: string[]]

const running = new Set<ChildProcess>()
const groups = new Set<number>()

/** Kills what a test left running: for `afterEach`. */
export async function endProcesses(): Promise<void> {
  await Promise.all(
    [...running].map(async child => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }),
  )
  for (const group of groups) if (isGroupAlive(group)) process.kill(-group, 'SIGKILL')
  groups.clear()
}

/** Whether a process of a group, which is named by the process that it began with, is alive. */
export function isGroupAlive(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

/** Gives each test a place of its own, and removes it with the processes in it. */
export function eachInPlace(use: (place: TestPlace) => void): void {
  let place: TestPlace
  beforeEach(async () => {
    place = await createPlace()
    use(place)
  })
  afterEach(async () => {
    await endProcesses()
    await place.remove()
  })
}

/** The settings of a place, as environment variables. */
export function placeEnv({ location, env }: TestPlace): Record<string, string> {
  if ('dataDir' in location) return { ...env, DATA_DIR: location.dataDir }
  return { ...env, DATABASE_URL: location.url, SECRET_KEY }
}

/** Starts the server and waits until it is ready; throws with its output when it ends before that. */
export async function startProcess(env: Record<string, string>, launcher?: Launcher): Promise<ServerProcess> {
  const port = env.PORT === undefined ? await freePort() : Number(env.PORT)
  const started = performance.now()
  const script = launch(['src/main.ts'], { ...env, PORT: String(port) }, launcher)
  const url = `http://localhost:${port}`
  await untilReady(url, script)
  return {
    url,
    port,
    pid: script.child.pid ?? 0,
    readyAfterMs: performance.now() - started,
    stdout: () => script.stdout(),
    signal: name => script.child.kill(name),
    ended: script.ended,
    async end(name) {
      script.child.kill(name)
      return script.ended()
    },
  }
}

/** Runs one of the project's scripts to its end. */
export async function runScript(
  args: readonly string[],
  env: Record<string, string>,
  launcher?: Launcher,
): Promise<Ended> {
  return launch(args, env, launcher).ended()
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address: AddressInfo | string | null = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** Asks until the answer is the wanted one. */
export async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    await delay(POLL_MS)
  }
}

interface Script {
  readonly child: ChildProcess
  stdout(): string
  ended(): Promise<Ended>
}

// Nothing of this process's environment but the path: what jest was started with is not what a server is set by.
function launch(args: readonly string[], env: Record<string, string>, launcher?: Launcher): Script {
  const [program, ...given] = launcher ?? [process.execPath, ...args]
  const child = spawn(program, given, {
    cwd: ROOT,
    detached: launcher !== undefined,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, RATE_LIMITS: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  running.add(child)
  if (launcher && child.pid) groups.add(child.pid)
  child.once('exit', () => running.delete(child))
  const closed = once(child, 'close')
  return {
    child,
    stdout: () => output.stdout,
    async ended() {
      const stuck = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
      await closed
      clearTimeout(stuck)
      return { code: child.exitCode, ...output }
    },
  }
}

async function untilReady(url: string, script: Script): Promise<void> {
  await until(async () => {
    if (script.child.exitCode !== null || script.child.signalCode !== null) {
      const { code, stdout, stderr } = await script.ended()
      throw new Error(`The server ended with ${code} before it was ready:\n${stdout}${stderr}`)
    }
    const answer = await fetch(`${url}/ready`).catch(() => undefined)
    await answer?.body?.cancel()
    return answer?.status === 200
  }, 'ready')
}
