import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBootstrap } from '../../src/command-line/run-bootstrap.ts'
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

    const settings = { DATA_DIR: dataDir, PORT: String(await freePort()) }
    const { code, stdout, stderr } = await runScript(['src/migrate.ts'], settings)
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' })
    // The message alone, no stack.
    expect(stderr.trimEnd()).not.toContain('\n')
    expect(stderr).toMatch(/in use by another.*Stop that one.*DATA_DIR.*DATABASE_URL/)
    expect(stderr).toContain(dataDir)
    await expect(runBootstrap([], settings)).rejects.toMatchObject({
      exitCode: 75,
      message: stderr.trimEnd(),
    })

    const api = remote(first.url, project)
    expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
    expect(await api.rows(credentials.agentUserId)).toHaveLength(1)

    // Free at once after a SIGKILL, although the lock file is still there.
    await first.end('SIGKILL')
    expect(JSON.parse(await runBootstrap(['--json'], settings))).toMatchObject({ created: false })
  })

  it('goes to one of several that start at once', async () => {
    const ports = await Promise.all([freePort(), freePort()])
    const starts = await Promise.allSettled(
      ports.map(port => startProcess({ DATA_DIR: dataDir, PORT: String(port) })),
    )
    const started = starts.filter(start => start.status === 'fulfilled')
    const refused = starts.filter(start => start.status === 'rejected')
    expect(started).toHaveLength(1)
    for (const { reason } of refused) expect(String(reason)).toMatch(/ended with 75 .*in use by another/s)
  })
})
