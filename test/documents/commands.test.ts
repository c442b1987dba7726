import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { requestToken } from '../oauth/oauth-requests.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { notOnPath } from '../support/on-path.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

const ROOT = join(import.meta.dirname, '..', '..')

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
})
beforeEach(async () => {
  project = await server.createProject()
})
afterAll(() => server.close())

/** The blocks of a page in one language, at this server. */
function blocksOf(page: string, language: string): readonly string[] {
  const blocks = readFileSync(join(ROOT, 'docs', page), 'utf8').matchAll(/```(\w+)\n([\s\S]*?)```/g)
  const found = [...blocks].filter(([, name]) => name === language)
  return found.map(([, , code = '']) => code.replaceAll('http://localhost:3000', server.url))
}

/** Runs a program to its end, what it is to do on its standard input. */
async function run(program: string, args: readonly string[], input: string, env: Record<string, string>) {
  const child = spawn(program, args, { cwd: ROOT, env: { PATH: process.env.PATH, ...env } })
  const ended = once(child, 'close')
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await ended
  return { code, stdout, stderr }
}

/**
 * Pastes the commands of a page into one shell, which stops at the first that fails or that the server refuses.
 * @param given what somebody would put in the places that the page leaves open, such as `API_KEY=spk_...`
 */
async function pastePage(page: string, given: Record<string, string>): Promise<string> {
  const commands = blocksOf(page, 'sh')
    .join('\n')
    .replaceAll(/\b([A-Z_]+)=\w+_\.\.\./g, (line, name: string) =>
      given[name] ? `${name}=${given[name]}` : line,
    )
  expect(commands).not.toContain('_...')
  const failing = 'set -e\ncurl() { command curl --fail-with-body "$@"; }\n'
  const { code, stdout, stderr } = await run('sh', ['-s'], failing + commands, {})
  expect([code, stderr, code === 0 ? '' : stdout]).toEqual([0, '', ''])
  return stdout
}

describeUnless(notOnPath('curl'), 'the commands of the documents', () => {
  it('for passes create, watch, rotate, revoke and delete one', async () => {
    const output = await pastePage('passes.md', { API_KEY: project.apiKey })
    expect(output).toContain('"Sourcing Agent"')
    const events = await server.deps.database.query<{ action: string }>(
      'select action from audit_events where project_id = $1',
      [project.projectId],
    )
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'pass.create',
        'pass.update',
        'pass.rotate',
        'pass.revoke',
        'pass.activate',
        'pass.delete',
      ]),
    )
  })

  it('for agents fetch a token and end it', async () => {
    const { credentials } = await server.createPass(project, { scopes: ['read:data', 'write:data'] })
    const token = (await requestToken(server, credentials)).body.access_token
    const output = await pastePage('agents.md', {
      CLIENT_ID: credentials.clientId,
      CLIENT_SECRET: credentials.clientSecret,
      TOKEN: token,
    })
    expect(output).toContain('"access_token":"spt_')
  })

  it('for resource servers introspect a token, end it and register a resource', async () => {
    const { credentials } = await server.createPass(project, { scopes: ['read:data'] })
    const token = (await requestToken(server, credentials)).body.access_token
    const output = await pastePage('resource-servers.md', { API_KEY: project.apiKey, TOKEN: token })
    expect(output).toContain('"active":true')
    expect(output).toContain('"resource":"https://ledger.example.com"')
  })
})

describe('the code of the documents', () => {
  const MODULE = ['--input-type=module']
  const SAID = /^a token of \d+ characters, good for 900 seconds\n$/

  it('for agents fetches a token from the address of the issuer alone', async () => {
    const { credentials } = await server.createPass(project, { scopes: ['read:data'] })
    const [withSecret = ''] = blocksOf('agents.md', 'js')
    const { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } = credentials
    const ended = await run(process.execPath, MODULE, withSecret, { CLIENT_ID, CLIENT_SECRET })
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(SAID) })
  })

  it('for agents makes a key, whose public half is enough to make a pass, and fetches a token with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-documents-'))
    try {
      const file = join(folder, 'agent-key.json')
      const [, makeKey = '', withKey = ''] = blocksOf('agents.md', 'js').map(code =>
        code.replaceAll("'agent-key.json'", JSON.stringify(file)),
      )
      const made = await run(process.execPath, MODULE, makeKey, {})
      expect(made.code).toBe(0)
      const jwks: unknown = JSON.parse(made.stdout)
      const { credentials } = await server.createPass(project, { jwks, scopes: ['read:data'] })
      expect(credentials.clientSecret).toBeNull()
      const ended = await run(process.execPath, MODULE, withKey, { CLIENT_ID: credentials.clientId })
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(SAID) })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
