import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startServer, type TestServer } from '../support/server.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

/** What somebody writes who has generated a client: each call and each field below is typed by the document. */
const PROGRAM = `
import {
  defaults, oauthIntrospect, oauthToken, organizationsList, passesCreate, passesDelete, passesList, passesRead,
  passesRotate, projectsList, type SentinelPass,
} from './client.ts'

const { SERVER = '', API_KEY = '' } = process.env
defaults.baseUrl = SERVER
defaults.headers = { 'Api-Key': API_KEY }

function expected<Status extends number, Answer extends { status: number }>(answer: Answer, status: Status) {
  if (answer.status !== status) throw new Error(JSON.stringify(answer))
  return answer as Extract<Answer, { status: Status }>
}

const [organization] = expected(await organizationsList(), 200).data.data
const orgId = organization?.id ?? ''
const [project] = expected(await projectsList(orgId, { deleted: false }), 200).data.data
const projectId = project?.id ?? ''

const made = expected(
  await passesCreate(orgId, projectId, { sentinelPass: { title: 'Generated', tokenTtl: 60 } }, { idempotencyKey: 'once' }),
  201,
)
const { clientId, clientSecret } = made.data.meta.credentials
defaults.headers = {}
const token = expected(
  await oauthToken({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret ?? '' }),
  200,
)
defaults.headers = { 'Api-Key': API_KEY }
const seconds: number = token.data.expires_in
const introspection = expected(await oauthIntrospect({ token: token.data.access_token }), 200).data
const switchedOn = expected(await passesList(orgId, projectId, { active: true, perPage: 10 }), 200).data
const switchedOff = expected(await passesList(orgId, projectId, { active: false }), 200).data
const titles: string[] = switchedOn.data.map((pass: SentinelPass) => pass.attributes.title)
const rotated = expected(await passesRotate(orgId, projectId, made.data.data.id, { gracePeriodSeconds: 60 }), 200)
const changed: boolean = rotated.data.meta.credentials.clientSecret !== clientSecret
const gone: number = (await passesDelete(orgId, projectId, made.data.data.id)).status
const missing = expected(await passesRead(orgId, projectId, made.data.data.id), 404)
const code: 'not_found' = missing.data.code
const refused = expected(await passesCreate(orgId, projectId, { sentinelPass: { title: '-' } }), 400)
const faults = refused.data.errors?.map(fault => ('pointer' in fault ? fault.pointer : fault.parameter))
console.log(
  JSON.stringify({
    seconds, active: introspection.active, titles, off: switchedOff.meta.total, changed, gone, code, faults,
  }),
)
`

/** As strict as a compiler is asked to be; generated code is compiled with the rest. */
const COMPILER = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
  },
  files: ['program.ts'],
}

let server: TestServer
let folder: string

beforeAll(async () => {
  server = await startServer()
  folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-generated-'))
  // Where the packages are found that the generated code imports.
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await server.close()
})

it('makes a TypeScript client by oazapfts that compiles and works against the server', async () => {
  const node = (script: string, ...args: string[]) =>
    run(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd: folder })
  const document = await server.http.get('/openapi.json')
  await writeFile(join(folder, 'openapi.json'), document.text)
  await writeFile(join(folder, 'program.ts'), PROGRAM)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(COMPILER))

  await node('oazapfts/dist/cli.js', 'openapi.json', 'client.ts')
  await node('typescript/bin/tsc', '--project', 'tsconfig.json')

  const project = await server.createProject()
  const env = { PATH: process.env.PATH, SERVER: server.url, API_KEY: project.apiKey }
  const { stdout } = await run(process.execPath, ['program.ts'], { cwd: folder, env })
  expect(JSON.parse(stdout)).toEqual({
    seconds: 60,
    active: true,
    titles: ['Generated'],
    off: 0,
    changed: true,
    gone: 204,
    code: 'not_found',
    faults: ['/sentinelPass/title'],
  })
})
