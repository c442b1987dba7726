import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entities } from '../../../src/entities.ts'
import { Database } from '../../../src/platform/database.ts'
import { createTenant } from '../../http/tenants.ts'
import { logger, NO_REDIS, type TestPlace } from '../../support/backend.ts'
import { describeUnless } from '../../support/describe-unless.ts'
import { noPostgresServer, startPostgres } from '../../support/postgresql.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { placeAt, startOnce } from './support.ts'

const MEGABYTES = 200

/** A file system of a test's own, in memory, which can be full. */
function mountDisk(): { readonly folder: string; fill(): void; empty(): void; remove(): void } {
  // Below a folder that everybody may enter: PostgreSQL is run by somebody else than root.
  const folder = mkdtempSync('/tmp/sentinel-pass-disk-')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m,mode=777`, 'tmpfs', folder], {
    stdio: 'ignore',
  })
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(bavail * bsize))
    },
    empty: () => rmSync(filler),
    remove() {
      execFileSync('umount', [folder])
      rmSync(folder, { recursive: true })
    },
  }
}

function noDisk(): string | undefined {
  try {
    mountDisk().remove()
    return undefined
  } catch {
    return 'No file system can be mounted here'
  }
}

async function expectToTellOfIt(server: TestServer, disk: { fill(): void; empty(): void }): Promise<void> {
  const { pass } = await createTenant(server, 'Full')
  const { clientId, clientSecret } = pass.credentials
  const grant = () =>
    server.http
      .post('/v1/api/oauth/token')
      .auth(clientId, clientSecret)
      .type('form')
      .send({ grant_type: 'client_credentials' })
  expect((await grant()).status).toBe(200)
  disk.fill()
  const ready = await server.http.get('/ready')
  expect([ready.status, ready.body.checks.database]).toEqual([503, 'failed'])
  // As long as there is room in pages that are there, grants are good; then they are refused, and may be sent again.
  let refused = await grant()
  for (let sent = 0; refused.status === 200 && sent < 2_000; sent += 1) refused = await grant()
  expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable'])
  disk.empty()
  expect((await server.http.get('/ready')).status).toBe(200)
  expect((await grant()).status).toBe(200)
}

describeUnless(noDisk(), 'a full disk', () => {
  let disk: ReturnType<typeof mountDisk>
  beforeEach(() => {
    disk = mountDisk()
  })
  afterEach(() => disk.remove())

  it('of the embedded database has /ready say so, and is well again when there is room', async () => {
    const dataDir = join(disk.folder, 'data')
    mkdirSync(dataDir)
    const database = await Database.openMigrated({ dataDir }, entities, logger)
    await database.close()
    const place: TestPlace = { location: { dataDir }, ...NO_REDIS, remove: async () => {} }
    const server = await startServer({ place })
    try {
      await expectToTellOfIt(server, disk)
    } finally {
      await server.close()
    }
  })
})

describeUnless(noDisk() ?? noPostgresServer(), 'a full disk of PostgreSQL', () => {
  it('has /ready say so, and is well again when there is room', async () => {
    const disk = mountDisk()
    try {
      const postgres = await startPostgres({ below: disk.folder })
      try {
        await startOnce(postgres.url())
        const server = await startServer({ place: placeAt(postgres.url()) })
        try {
          await expectToTellOfIt(server, disk)
        } finally {
          await server.close()
        }
      } finally {
        await postgres.remove()
      }
    } finally {
      disk.remove()
    }
  })
})
