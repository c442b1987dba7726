import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { notOnPath } from './on-path.ts'

/**
 * Runs what somebody would paste into a shell: that of npm itself, since no other has to be there.
 * @returns its standard output
 */
export async function paste(lines: string): Promise<string> {
  const stands = await standIn()
  try {
    const path = [...(stands ? [stands.folder] : []), process.env.PATH].join(delimiter)
    const shell = spawn('sh', ['-s'], { env: { PATH: path }, stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(shell, 'close')
    shell.stdin.end(lines)
    const output = await text(shell.stdout)
    await ended
    return output
  } finally {
    await stands?.remove()
  }
}

/** A `curl` of Node.js alone, where there is no other. */
async function standIn(): Promise<{ folder: string; remove(): Promise<void> } | undefined> {
  const reason = notOnPath('curl')
  if (reason === undefined) return undefined
  process.stderr.write(`${reason}: pasted lines run with a stand-in for it.\n`)
  const folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-path-'))
  const file = join(folder, 'curl')
  await writeFile(
    file,
    `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, 'curl.ts')}' "$@"\n`,
  )
  await chmod(file, 0o700)
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
