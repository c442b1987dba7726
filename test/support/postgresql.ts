import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './process.ts'

const POLL_MS = 20
const DEADLINE_MS = 30_000
/** Where Debian has the programs of a server, by its version. */
const DEBIAN = '/usr/lib/postgresql'
const NOBODY = 65_534
/** Folders that everybody may make one in. */
const ROOMY = ['/dev/shm', '/tmp']

/** The folder of `initdb` and `postgres`; undefined where there is none. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(version => join(DEBIAN, version, 'bin')) : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions]
  const found = folders.map(folder => join(folder, 'initdb')).find(existsSync)
  // The others may stand beside the one that this points to alone.
  return found && dirname(realpathSync(found))
}

/** Why no test can start a PostgreSQL of its own; undefined where one can. */
export function noPostgresServer(): string | undefined {
  return programs() === undefined ? `There is no initdb on the path, nor below ${DEBIAN}` : undefined
}

/** A PostgreSQL of a test's own, which it may set, hold and stop. Its superuser is `postgres`. */
export interface PostgresServer {
  readonly port: number
  /** Where its data is; its Unix socket is there as well. */
  readonly folder: string
  /** @param query parameters of the address */
  url(query?: string, host?: string, user?: string): string
  /** Runs one statement, or several without answers. */
  run<Row extends object>(statement: string): Promise<Row[]>
  /** Puts a file into its folder, which it alone may read. @returns its name */
  keep(name: string, content: string | Buffer): string
  /** Starts it, or starts it again. @param settings further arguments of `postgres` */
  start(settings?: readonly string[]): Promise<void>
  /** Ends it: at once, as when its machine is lost, or as an administrator would. */
  stop(signal?: 'SIGQUIT' | 'SIGINT'): Promise<void>
  /** Sends its postmaster a signal. */
  signal(name: NodeJS.Signals): void
  remove(): Promise<void>
}

/** Who runs it: PostgreSQL and pgbouncer refuse to be run by root. */
export function runAs(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const line = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m)
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : { uid: NOBODY, gid: NOBODY }
}

/**
 * @param hba lines of `pg_hba.conf` before those that let everybody in
 * @param copyOf another server, of which it is a standby
 * @param below where its folder is made
 */
export async function startPostgres({
  hba = [],
  settings = [],
  initdb = [],
  copyOf,
  below,
}: {
  readonly hba?: readonly string[]
  readonly settings?: readonly string[]
  readonly initdb?: readonly string[]
  readonly copyOf?: PostgresServer
  readonly below?: string
} = {}): Promise<PostgresServer> {
  const bin = programs() ?? ''
  const as = runAs()
  // The folder of this run is its owner's alone. A Unix socket's name is a hundred characters long at most.
  const roomy = as ? (ROOMY.find(existsSync) ?? '/tmp') : tmpdir()
  const folder = await mkdtemp(join(below ?? roomy, 'sentinel-pass-pg-'))
  const data = join(folder, 'data')
  const port = await freePort()
  const own = (name: string) => {
    if (as) chownSync(name, as.uid, as.gid)
  }
  own(folder)
  if (copyOf) {
    const from = ['-h', copyOf.folder, '-p', String(copyOf.port), '-U', 'postgres', '-D', data, '-R']
    await promisify(execFile)(join(bin, 'pg_basebackup'), [...from, '-c', 'fast', '--no-sync'], { ...as })
  } else {
    const usual = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '--locale=C', '-E', 'UTF8']
    await promisify(execFile)(join(bin, 'initdb'), [...usual, ...initdb], { ...as })
    const everybody = ['local all all trust', 'host all all all trust', 'local replication all trust']
    writeFileSync(join(data, 'pg_hba.conf'), `${[...hba, ...everybody].join('\n')}\n`)
  }
  let child: ChildProcess | undefined
  const server: PostgresServer = {
    port,
    folder,
    url: (query = '', host = '127.0.0.1', user = 'postgres') =>
      `postgres://${user}@${host}:${port}/postgres${query === '' ? '' : `?${query}`}`,
    async run(statement) {
      const client = new pg.Client({ host: folder, port, user: 'postgres', database: 'postgres' })
      // Ended with the server.
      client.on('error', () => {})
      try {
        await client.connect()
        return (await client.query(statement)).rows
      } finally {
        await client.end().catch(() => {})
      }
    },
    keep(name, content) {
      const file = join(folder, name)
      writeFileSync(file, content, { mode: 0o600 })
      own(file)
      return file
    },
    async start(more = settings) {
      const quick = ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-k', folder, '-p', String(port)]
      child = spawn(join(bin, 'postgres'), ['-D', data, ...quick, ...more], {
        ...as,
        // PGlite's package has this process's locale unset, which PostgreSQL takes for a fault.
        env: { LC_ALL: 'C' },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      await until(
        () =>
          server.run('select 1').then(
            () => true,
            () => child?.exitCode !== null,
          ),
        'postgres answers',
      )
      if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}:\n${said}`)
    },
    async stop(signal = 'SIGQUIT') {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGCONT')
      child.kill(signal)
      await ended
    },
    signal: name => child?.kill(name),
    async remove() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    await delay(POLL_MS)
  }
}
