import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onServerCore } from '../cores.ts'

const ANSWERING_TRIES = 600
const POLL_MS = 50
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
    const [command = '', ...rest] = onServerCore([process.execPath, ...args], everywhere)
    const child = spawn(command, rest, {
      env: { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...env },
      stdio: ['ignore', openSync(log, 'a'), 'inherit'],
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
  for (let tries = 0; tries < ANSWERING_TRIES; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}${ready}`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer && (answer.ok || ready === '/')) return
    await delay(POLL_MS)
  }
  throw new Error(`${child.spawnargs.join(' ')} is not ready`)
}
