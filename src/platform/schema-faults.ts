import { EX_CONFIG, EX_TEMPFAIL, OperatorError } from './errors.ts'

/** What PostgreSQL answers to a migration that operators can mend: by its code, the sentence and the exit code. */
const FAULTS: Readonly<Record<string, readonly [sentence: string, exitCode: number]>> = {
  // insufficient_privilege
  '42501': [
    'The schema cannot be brought up to date: the user of DATABASE_URL may not. Grant it CREATE on the schema (`grant create on schema … to …`) and the tables that are there, or run `npm run migrate` as a user who may',
    EX_CONFIG,
  ],
  // duplicate_table
  '42P07': [
    'The schema cannot be made: there are tables of something else. Give this server a database of its own, or a schema (`schema=…` in DATABASE_URL)',
    EX_CONFIG,
  ],
  // read_only_sql_transaction
  '25006': [
    'The schema cannot be brought up to date: the database takes no writes now. Have DATABASE_URL name the primary, and start again',
    EX_TEMPFAIL,
  ],
  // disk_full
  '53100': [
    'The schema cannot be brought up to date: the disk of the database is full. Make room, and start again',
    EX_TEMPFAIL,
  ],
}

/** @returns the fault of an operator's to mend that has kept a migration from running; undefined where it is none */
export function schemaFault(error: unknown): OperatorError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const [sentence, exitCode] = FAULTS[code] ?? []
  if (sentence === undefined || exitCode === undefined) return undefined
  const reason = error instanceof Error ? error.message.split('\n').at(-1) : ''
  return new OperatorError(`${sentence}. (${reason})`, exitCode)
}

/**
 * A server that is older than the schema would write what the newer one takes for something else.
 * @param ran the names of the migrations that the database has seen
 * @throws OperatorError (exit code 78) where some of them are not known here
 */
export function refuseNewerSchema(ran: readonly string[], known: readonly string[]): void {
  const unknown = ran.filter(name => !known.includes(name))
  if (unknown.length === 0) return
  throw new OperatorError(
    `The database is of a newer version than this server, which does not know ${unknown.join(', ')}. Start the version that was last started on it, or a later one; to go back to this one, restore the backup from before the upgrade.`,
    EX_CONFIG,
  )
}
