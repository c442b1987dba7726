import fc from 'fast-check'
import { RULES } from '../../src/access/rules.ts'
import { PROBLEMS } from '../../src/http/problems.ts'
import { cookieNamesOf } from '../../src/sign-in/cookie-names.ts'
import { servedRoutes } from '../support/routes.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn } from '../support/sign-in.ts'
import * as hostile from './hostile.ts'

/** Fixed, so that a failure comes again; fast-check prints it with the request that failed. */
const PATIENCE_MS = 60_000

let server: TestServer
let project: TestProject
let headers: Record<string, string>
let guestId: string
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  guestId = (await createUser(server, { [project.organizationId]: 'VIEWER' })).id
  headers = (await signIn(server, owner.email)).headers
})
afterAll(async () => {
  hostile.closeRaw()
  await server.close()
})

function expectProblem({ status, headers: answered, text }: hostile.RawAnswer): void {
  if (status < 400) return
  expect(answered['content-type']).toBe('application/problem+json')
  const { code } = JSON.parse(text)
  expect(Object.entries(PROBLEMS).find(([name]) => name === code)?.[1].status).toBe(status)
}

const NAMES = ['name', 'email', 'role', 'secret', 'password', 'code', 'currentPassword', 'newPassword']
const value = fc.oneof(
  hostile.hostileJson,
  fc.constantFrom('"a@b.test"', '"OWNER"', `"${PASSWORD}"`, '"Name"'),
)
const body = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 })
      .map(members =>
        Buffer.from(
          hostile.jsonObject([['data', hostile.jsonObject([['attributes', hostile.jsonObject(members)]])]]),
        ),
      ),
  },
  { weight: 1, arbitrary: hostile.brokenBody },
)

function requestTo(method: string, pattern: string): fc.Arbitrary<hostile.RawRequest> {
  const ids: Record<string, string> = {
    orgId: project.organizationId,
    projectId: project.projectId,
    id: guestId,
  }
  return fc
    .record({
      body,
      extra: hostile.hostileHeaders,
      type: hostile.contentType,
      segment: hostile.hostileSegment,
    })
    .map(({ body: bytes, extra, type, segment }) => ({
      method,
      // What is there is not deleted: the routes after it need it.
      target: pattern.replace(/:\w+/g, (name: string) =>
        method === 'DELETE' ? segment : (ids[name.slice(1)] ?? segment),
      ),
      headers: { ...extra, ...headers, 'Content-Type': type },
      body: method === 'GET' ? Buffer.alloc(0) : bytes,
    }))
    .filter(hostile.isHeadReadable)
}

it(
  'answers whatever a signed-in owner sends, or refuses it with a problem of the catalogue',
  async () => {
    const routes = servedRoutes(server.deps).guarded.filter(
      ({ rule }) => !RULES[rule].apiKey && rule !== 'me.sign_out_everywhere',
    )
    expect(routes.length).toBeGreaterThan(15)
    const open = ['/v1/api/invitations/accept', '/v1/api/password_resets/redeem']
    const all = [...routes, ...open.map(pattern => ({ method: 'POST', pattern }))]
    for (const { method, pattern } of all)
      await fc.assert(
        fc.asyncProperty(requestTo(method, pattern), async request => {
          expectProblem(await hostile.sendHostile(server.url, request))
        }),
        hostile.tries(25),
      )
  },
  PATIENCE_MS,
)

it(
  'answers whatever is sent to where people sign in and out without failing',
  async () => {
    const name = fc.constantFrom(
      ...[
        'client_id',
        'response_type',
        'redirect_uri',
        'scope',
        'state',
        'nonce',
        'prompt',
        'max_age',
        'claims',
      ],
      ...['code_challenge', 'code_challenge_method', 'id_token_hint', 'login_hint', 'ui_locales', 'request'],
      ...[
        'post_logout_redirect_uri',
        'email',
        'password',
        'code',
        'xsrf',
        'logout',
        'acr_values',
        'response_mode',
      ],
    )
    const good = new URLSearchParams({
      client_id: 'sentinel-pass-console',
      response_type: 'code',
      redirect_uri: `${server.url}/console`,
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    })
    const names = cookieNamesOf(server.url)
    const requests = fc
      .record({
        path: fc.constantFrom(
          ...['GET authorize', 'GET authorize', 'GET authorize', 'GET authorize/x', 'GET logout'],
          ...['POST logout/confirm', 'GET logout/success', 'GET sign-in/x', 'POST sign-in/x', 'POST token'],
        ),
        start: fc.constantFrom(`${good}&`, `${good}&`, 'grant_type=authorization_code&', ''),
        rest: hostile.pairs(name, hostile.hostileText),
        extra: hostile.hostileHeaders,
        cookie: hostile.hostileText,
      })
      .map(({ path, start, rest, extra, cookie }) => {
        const [method = '', place = ''] = path.split(' ')
        const form = `${start}${rest}`
        const typed = encodeURIComponent(cookie.toWellFormed())
        const cookies = `${names.interaction}=${typed}; ${names.session}=x; ${names.resume}=x`
        return {
          method,
          target: `/v1/api/oauth/${place}${method === 'GET' ? `?${form}` : ''}`,
          headers: { ...extra, Cookie: cookies, 'Content-Type': 'application/x-www-form-urlencoded' },
          body: Buffer.from(method === 'GET' ? '' : form),
        }
      })
      .filter(hostile.isHeadReadable)
    const seen = new Set<number>()
    const property = fc.asyncProperty(requests, async request => {
      seen.add((await hostile.sendHostile(server.url, request)).status)
    })
    await fc.assert(property, hostile.tries(400))
    expect([...seen]).toEqual(expect.arrayContaining([303, 400]))
  },
  PATIENCE_MS,
)
