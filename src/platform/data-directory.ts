import { mkdirSync } from 'node:fs'
import { EX_CONFIG, EX_TEMPFAIL, OperatorError } from './errors.ts'

const NOT_ALLOWED = ['EACCES', 'EPERM']
const FULL = ['ENOSPC', 'EDQUOT']

/**
 * Makes the folder of the embedded database, which nobody else may read, where it is not there.
 * @throws OperatorError as `dataDirectoryFault`
 */
export function makeDataDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw dataDirectoryFault(dataDir, error)
  }
}

/** What is wrong with the folder, and what to do: exit code 78, or 75 where it has no room. */
export function dataDirectoryFault(dataDir: string, error: unknown): OperatorError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = error instanceof Error ? error.message : String(error)
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return fault(dataDir, 'is no folder, or below a file: set DATA_DIR to a folder', reason)
  if (code === 'EROFS')
    return fault(
      dataDir,
      'cannot be written to, since its file system is read-only: mount it writable, or set DATA_DIR to another folder',
      reason,
    )
  if (NOT_ALLOWED.includes(code))
    return fault(
      dataDir,
      `may not be used by ${user()}: give it to that user, or set DATA_DIR to another folder`,
      reason,
    )
  if (FULL.includes(code)) return fault(dataDir, 'has no room left: make some', reason, EX_TEMPFAIL)
  return fault(dataDir, 'cannot be used', reason)
}

function fault(dataDir: string, what: string, reason: string, exitCode = EX_CONFIG): OperatorError {
  return new OperatorError(`DATA_DIR ${dataDir} ${what}. (${reason})`, exitCode)
}

function user(): string {
  const id = process.getuid?.()
  return id === undefined ? 'the user of this process' : `the user with the number ${id}`
}
