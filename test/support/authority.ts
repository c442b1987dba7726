import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** A certificate and its key, in PEM. */
export interface Issued {
  readonly certificate: string
  readonly key: string
}

/** Somebody who vouches for others. Node.js makes keys, and no certificates: this is `openssl`'s. */
export interface Authority {
  /** Its own certificate, in PEM. */
  readonly certificate: string
  /** @param names of a host, such as `DNS:localhost` */
  issue(subject: string, names?: string): Promise<Issued>
  remove(): Promise<void>
}

export async function createAuthority(name: string): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-authority-'))
  const at = (file: string) => join(folder, file)
  const root = ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`]
  await run('openssl', [...root, '-keyout', at('ca.key'), '-out', at('ca.pem')])
  return {
    certificate: await readFile(at('ca.pem'), 'utf8'),
    async issue(subject, names) {
      const key = at('issued.key')
      const request = ['req', ...NEW_KEY, '-subj', `/CN=${subject}`, '-keyout', key, '-out', at('issued.csr')]
      await run('openssl', request)
      await writeFile(at('extensions'), names === undefined ? '' : `subjectAltName=${names}\n`)
      const signed = ['x509', '-req', '-in', at('issued.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key')]
      const more = ['-CAcreateserial', '-days', '2', '-extfile', at('extensions'), '-out', at('issued.pem')]
      await run('openssl', [...signed, ...more])
      return { certificate: await readFile(at('issued.pem'), 'utf8'), key: await readFile(key, 'utf8') }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
