import { existsSync, readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import pg from 'pg'
import { redisUrl } from '../support/redis.ts'

/** Linux counts a process's time in ticks of this length (`getconf CLK_TCK` is 100 everywhere). */
const TICK_MICROSECONDS = 10_000
/** Of the database as a whole: they write for everybody who uses it. */
const SHARED_PROCESSES = ['walwriter', 'checkpointer', 'background writer']

/** Whether this system tells what processes use. */
export const canReadProcesses = existsSync('/proc/self/stat')

/** A process and all that it started, the ones that these started included. */
export function treeOf(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)
  return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(treeOf)]
}

/** The time that processes have had of processors, of all their threads, in microseconds. One that is gone counts nothing. */
export function cpuMicroseconds(pids: readonly number[]): number {
  return sum(pids, pid => {
    // The name in brackets may have spaces; after it come the state, and utime and stime as the 12th and 13th (proc(5)).
    const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MICROSECONDS
  })
}

/** Resident memory in bytes; what processes share counts for each. */
export function residentBytes(pids: readonly number[]): number {
  return sum(pids, pid => {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
    return Number(kibibytes ?? 0) * 1024
  })
}

/** The processes of PostgreSQL that serve one database, where it runs on this machine. */
export class DatabaseProcesses {
  /** Where it is. */
  readonly url: string
  readonly #client: pg.Client
  readonly #name: string
  readonly #others: readonly number[]

  private constructor(client: pg.Client, url: string, others: readonly number[] = []) {
    this.#client = client
    this.url = url
    this.#name = new URL(url).pathname.slice(1)
    this.#others = others
  }

  /** @param adminUrl another database of the same PostgreSQL, so that the asking is not counted */
  static async open(url: string, adminUrl: string): Promise<DatabaseProcesses> {
    const client = new pg.Client({ connectionString: adminUrl })
    await client.connect()
    return new DatabaseProcesses(client, url)
  }

  /** Of those that all databases share too: what they do for others is counted with it. */
  async pids(): Promise<{ readonly own: number[]; readonly all: number[] }> {
    const { rows } = await this.#client.query<{ pid: number; own: boolean }>(
      `select pid, datname is not distinct from $1 as own from pg_stat_activity
       where datname = $1 or backend_type = any($2)`,
      [this.#name, SHARED_PROCESSES],
    )
    const here = rows.filter(({ pid }) => read(`/proc/${pid}/comm`).startsWith('postgres'))
    const pidOf = ({ pid }: { pid: number }) => pid
    return { own: here.filter(({ own }) => own).map(pidOf), all: [...here.map(pidOf), ...this.#others] }
  }

  /** The same, and other processes that serve the same server. */
  with(others: readonly number[]): DatabaseProcesses {
    return new DatabaseProcesses(this.#client, this.url, others)
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}

/** The process of the Redis of the tests, where it is on this machine; all who use it share it. */
export async function redisProcess(): Promise<number[]> {
  const client = new Redis(redisUrl(), { lazyConnect: true })
  try {
    await client.connect()
    const pid = Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1])
    return read(`/proc/${pid}/comm`).startsWith('redis') ? [pid] : []
  } finally {
    client.disconnect()
  }
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0)
}

/** A file of `/proc`; empty where it is not there, or not any more. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
