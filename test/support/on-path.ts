import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Why a program cannot be started; undefined where it can. Nothing but Node.js and npm is taken for granted. */
export function notOnPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some(folder => isExecutable(join(folder, name)))
    ? undefined
    : `There is no ${name} on the path`
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
