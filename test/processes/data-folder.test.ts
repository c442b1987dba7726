import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyTemplate } from '../support/backend.ts'
import { endProcesses, freePort, runScript, startProcess } from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'

// Of the embedded database's folder, whatever the backend of the run.
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinel-pass-test-'))
})
afterEach(async () => {
  await endProcesses()
  await rm(dataDir, { recursive: true, force: true })
})

describe('the folder of the embedded database', () => {
  it('is refused to whatever else is started, which says what to do, until its server is gone', async () => {
    copyTemplate(dataDir)
    const first = await startProcess({ DATA_DIR: dataDir })
    const project = firstProject(first.stdout())
    const { credentials } = await remote(first.url, project).createPass()

    for (const script of ['src/main.ts', 'src/bootstrap/main.ts', 'src/migrate.ts']) {
      const second = await runScript([script], { DATA_DIR: dataDir, PORT: String(await freePort()) })
      expect(second).toEqual({ code: 75, stdout: '', stderr: expect.stringContaining(dataDir) })
      expect(second.stderr).toMatch(/in use by another.*Stop that one.*DATA_DIR.*DATABASE_URL/s)
      // The message alone, no stack.
      expect(second.stderr.trimEnd()).not.toContain('\n')
    }

    const api = remote(first.url, project)
    expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
    expect(await api.rows(credentials.agentUserId)).toHaveLength(1)

    // Free at once after a SIGKILL, although the lock file is still there.
    await first.end('SIGKILL')
    const next = await startProcess({ DATA_DIR: dataDir })
    await expect(remote(next.url, project).fetchToken(credentials)).resolves.toEqual(expect.any(String))
    expect((await next.end('SIGTERM')).code).toBe(0)
  })

  it('goes to one of several that start at once', async () => {
    const ports = await Promise.all([freePort(), freePort(), freePort()])
    const starts = await Promise.allSettled(
      ports.map(port => startProcess({ DATA_DIR: dataDir, PORT: String(port) })),
    )
    const started = starts.filter(start => start.status === 'fulfilled')
    const refused = starts.filter(start => start.status === 'rejected')
    expect(started).toHaveLength(1)
    for (const { reason } of refused) expect(String(reason)).toMatch(/ended with 75 .*in use by another/s)
  })
})
