import { types } from 'node:util'
import { OperatorError } from './errors.ts'

/** PostgreSQL's deadlock_detected: of two who held what the other wanted, one had to go. */
export function isDeadlock(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === '40P01'
}

/** A connection that was made and is of no use. */
export class Unusable extends OperatorError {
  constructor(reason: string, exitCode: number) {
    super(`PostgreSQL (DATABASE_URL) cannot be used: ${reason}`, exitCode)
    this.name = 'Unusable'
  }
}

/** PostgreSQL's too_many_connections: the server, or the role, has none left to give. */
export function isRefusedForNumber(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === '53300'
}

/** PostgreSQL's lock_not_available: somebody else has what was not to be waited for. */
export function isLockedByOthers(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === '55P03'
}

/** PostgreSQL's query_canceled: a statement has run into its timeout. */
export function isTimedOut(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === '57014'
}

/** PostgreSQL's read_only_sql_transaction: the server is no primary any more, or has been closed to writes. */
export function isClosedToWrites(code: string): boolean {
  return code === '25006'
}

/**
 * Whether the session that PostgreSQL answered so by is of no more use: its connection (class 08) or its transaction (25, such as
 * a session that takes no more writes since its server is no primary any more) is not what it has to be, or it is ended (57P).
 * @param code an SQLSTATE
 */
export function endsSession(code: string): boolean {
  return /^(08|25|57P)/.test(code)
}

// PostgreSQL's classes 08 (connection), 25 (state of a transaction), 53 (resources) and 57 (intervention), and Node's own names
// for a lost peer.
const CONNECTION_FAULT = /^(08|25|53|57)|^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/
const CONNECTION_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|is not queryable|driver has already been destroyed/

/** Whether the database, or the way to it, was lost: what was sent may have been carried out or not. */
export function isConnectionFault(error: unknown): boolean {
  // Of whatever realm: what Node.js itself throws is no instance of a test runner's own Error.
  if (!types.isNativeError(error)) return false
  if (error instanceof Unusable) return true
  if ('code' in error && typeof error.code === 'string' && CONNECTION_FAULT.test(error.code)) return true
  return (
    CONNECTION_MESSAGE.test(error.message) || (error.cause !== undefined && isConnectionFault(error.cause))
  )
}
