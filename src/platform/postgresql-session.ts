import { type Client, escapeIdentifier } from 'pg'
import { Unusable } from './database-faults.ts'
import { EX_CONFIG, EX_TEMPFAIL } from './errors.ts'
import type { PostgresLocation } from './postgresql-location.ts'

const OLDEST_VERSION = 15

/** What a session has to be, whatever the database, the role or the address say. */
export interface SessionWishes extends Pick<PostgresLocation, 'schema' | 'suits'> {
  /** After so long a statement is given up, in milliseconds. */
  readonly statementTimeoutMs: number
}

/** A setting that statements here rely on. */
interface ReliedOn {
  readonly name: string
  readonly value: string
  /** Values that do as well. */
  readonly asGood?: RegExp
  /** PostgreSQL reports it, so that poolers keep it for each of their clients: what is set lasts, and is left to nobody. */
  readonly reported?: boolean
}

const RELIED_ON: readonly ReliedOn[] = [
  { name: 'DateStyle', value: 'ISO, MDY', asGood: /^ISO\b/, reported: true },
  { name: 'TimeZone', value: 'UTC', reported: true },
  { name: 'client_encoding', value: 'UTF8', reported: true },
  { name: 'standard_conforming_strings', value: 'on', reported: true },
  { name: 'IntervalStyle', value: 'postgres' },
  { name: 'bytea_output', value: 'hex' },
  { name: 'extra_float_digits', value: '1', asGood: /^[1-3]$/ },
  { name: 'default_transaction_isolation', value: 'read committed' },
  { name: 'default_transaction_deferrable', value: 'off' },
  // Without it, what was answered would be lost with the machine.
  { name: 'synchronous_commit', value: 'on', asGood: /^(local|remote_write|remote_apply)$/ },
]

interface FoundSession {
  readonly pid: number
  readonly version: number
  readonly encoding: string
  readonly schema: string | null
  readonly standby: boolean
  readonly closed: boolean
  readonly settings: Readonly<Record<string, string>>
}

/**
 * Sees to it that a new session is what statements here take for granted.
 * @returns whether something between gives each transaction another session (pgbouncer): then nothing else may be set, which
 *   would not last and be left to somebody else, and no statement be prepared by a name
 * @throws Unusable where it cannot be
 */
export async function prepareSession(client: Client, wishes: SessionWishes): Promise<boolean> {
  const found = await findSession(client)
  const pooled = found.pid !== Reflect.get(client, 'processID')
  assertUsable(found)
  assertSuits(found, client, wishes)
  const wrong = RELIED_ON.filter(({ name, value, asGood }) => {
    const setTo = found.settings[name] ?? ''
    return setTo !== value && !asGood?.test(setTo)
  })
  if (pooled) assertRoleIsSet(found, wrong, wishes)
  await setUp(client, wrong, pooled ? undefined : wishes)
  return pooled
}

async function findSession(client: Client): Promise<FoundSession> {
  const settings = RELIED_ON.map(({ name }) => `'${name}', current_setting('${name}')`)
  const { rows } = await client.query(
    `select pg_backend_pid() as pid, current_setting('server_version_num')::int as version,
       current_setting('server_encoding') as encoding, current_schema()::text as schema,
       pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as closed, json_build_object(${settings.join(', ')}) as settings`,
  )
  return rows[0]
}

function assertUsable({ version, encoding }: FoundSession): void {
  if (version < OLDEST_VERSION * 10_000)
    throw new Unusable(
      `it is PostgreSQL ${Math.floor(version / 10_000)}, and ${OLDEST_VERSION} or later is needed`,
      EX_CONFIG,
    )
  if (encoding !== 'UTF8')
    throw new Unusable(
      `the database has the encoding ${encoding}, which does not hold every name that people have. Make one with UTF8, ` +
        'such as by createdb --encoding=UTF8 --template=template0 NAME',
      EX_CONFIG,
    )
}

function assertSuits({ standby, closed }: FoundSession, client: Client, { suits }: SessionWishes): void {
  if (suits === 'any' || !(standby || (suits === 'read-write' && closed))) return
  throw new Unusable(
    `${client.host}:${client.port} takes no writes, and target_session_attrs=${suits} asks for it`,
    EX_TEMPFAIL,
  )
}

/** @throws Unusable where the role has to be set, since nothing that is set here would last */
function assertRoleIsSet(found: FoundSession, wrong: readonly ReliedOn[], { schema }: SessionWishes): void {
  const needed = wrong.filter(({ reported }) => !reported)
  if (schema !== undefined && found.schema !== schema) needed.push({ name: 'search_path', value: schema })
  if (needed.length === 0) return
  const statements = needed.map(({ name, value }) => `ALTER ROLE … SET ${name} = '${value}'`)
  throw new Unusable(
    `a pooler is between, through which no setting of a session lasts. Set it for the role: ${statements.join('; ')}`,
    EX_CONFIG,
  )
}

/** @param own what a session of its own is set to as well */
async function setUp(
  client: Client,
  wrong: readonly ReliedOn[],
  own: SessionWishes | undefined,
): Promise<void> {
  const statements = wrong.map(({ name, value }) => `set ${name} = '${value}'`)
  // What is given up is rolled back, one that waits for a lock as well.
  if (own) statements.push(`set statement_timeout = ${own.statementTimeoutMs}`)
  if (own?.schema !== undefined) statements.push(`set search_path = ${escapeIdentifier(own.schema)}`)
  if (statements.length > 0) await client.query(statements.join('; '))
}
