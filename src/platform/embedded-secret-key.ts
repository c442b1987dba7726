import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirectoryFault, makeDataDirectory } from './data-directory.ts'
import { EX_CONFIG, OperatorError } from './errors.ts'

export const SECRET_KEY_BYTES = 32

/**
 * The key of an embedded database, beside which it lies: made by the first start.
 * @throws OperatorError where it can be neither read nor made
 */
export function embeddedSecretKey(dataDir: string): Buffer {
  const file = join(dataDir, 'secret.key')
  makeDataDirectory(dataDir)
  try {
    // `wx`: of two first starts at once, one writes and the other reads what was written.
    writeFileSync(file, `${randomBytes(SECRET_KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!existsSync(file)) throw dataDirectoryFault(dataDir, error)
  }
  const key = Buffer.from(secretKeyIn(dataDir, file).trim(), 'base64')
  if (key.length !== SECRET_KEY_BYTES)
    throw new OperatorError(`${file} does not hold 32 bytes in base64; restore it from a backup.`, EX_CONFIG)
  return key
}

function secretKeyIn(dataDir: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw dataDirectoryFault(dataDir, error)
  }
}
