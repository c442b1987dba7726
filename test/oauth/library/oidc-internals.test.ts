import { createRequire } from 'node:module'
import Koa from 'koa'
import Provider, { type ClientMetadata, type Configuration, errors } from 'oidc-provider'
import { grantType, handler } from 'oidc-provider/lib/actions/grants/client_credentials.js'
import * as grantHelpers from 'oidc-provider/lib/helpers/grants.js'
import request from 'supertest'
import {
  buildClient,
  type Client,
  createLibraryRun,
  LACKS_CLIENT_AUTHENTICATION,
  oauthError,
  overrideClientLookup,
  overrideSecretComparison,
  registerClientCredentials,
} from '../../../src/oauth/library/oidc-internals.ts'
import { generateSigningKey } from '../../../src/signing-keys/signing-keys.ts'

const installed: unknown = createRequire(import.meta.url)('oidc-provider/package.json')
const project: unknown = createRequire(import.meta.url)('../../../package.json')
const GRANT = 'grant_type=client_credentials'
const signingKey = await generateSigningKey('EdDSA')

/** A provider as the library makes it, and what it was seen to store. */
function stockProvider(configuration: Configuration = {}): { provider: Provider; stored: string[] } {
  const stored: string[] = []
  const nothing = async () => undefined
  const provider = new Provider('http://localhost', {
    jwks: { keys: [signingKey] },
    cookies: { keys: ['a key of this test'] },
    adapter: model => ({
      upsert: async () => {
        stored.push(model)
      },
      ...{ find: nothing, findByUid: nothing, findByUserCode: nothing },
      ...{ consume: nothing, destroy: nothing, revokeByGrantId: nothing },
    }),
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA'] },
    ttl: { ClientCredentials: 60 },
    ...configuration,
  })
  return { provider, stored }
}

const metadata = (clientId: string) => ({
  client_id: clientId,
  client_secret: 'placeholder',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
})

/** A stock provider whose client `known` is found, and whose secret is `right`; notes what it is asked. */
async function overriddenProvider(): Promise<{ provider: Provider; asked: unknown[] }> {
  const { provider } = stockProvider()
  const known: Client = await buildClient(provider, metadata('known'))
  const asked: unknown[] = []
  overrideClientLookup(provider, async clientId => {
    asked.push(['find', clientId])
    return clientId === 'known' ? known : undefined
  })
  overrideSecretComparison(provider, async (client, presented) => {
    asked.push(['compare', client.clientId, presented])
    return presented === 'right'
  })
  return { provider, asked }
}

const tokenOf = (provider: Provider, form: string, secret = 'right', clientId = 'known') =>
  request(provider.callback()).post('/token').auth(clientId, secret).type('form').send(form)

describe('the installed oidc-provider', () => {
  it('is exactly the version that this was written against', () => {
    expect(installed).toMatchObject({ version: '9.13.3' })
    expect(project).toMatchObject({ dependencies: { 'oidc-provider': '9.13.3' } })
  })
})

describe('where the library looks up a client', () => {
  it('asks the override, and then compares the secret by the other', async () => {
    const { provider, asked } = await overriddenProvider()
    const answer = await tokenOf(provider, GRANT)

    expect(answer.status).toBe(200)
    expect(asked).toEqual([
      ['find', 'known'],
      ['compare', 'known', 'right'],
    ])
  })

  it('awaits the comparison and refuses where it says no', async () => {
    const { provider, asked } = await overriddenProvider()
    const answer = await tokenOf(provider, GRANT, 'wrong')

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(asked).toContainEqual(['compare', 'known', 'wrong'])
  })

  it('refuses where the override finds nobody', async () => {
    const { provider } = await overriddenProvider()
    const answer = await tokenOf(provider, GRANT, 'right', 'somebody')

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
  })

  it('has no other way to a client: the model finds by the override alone', async () => {
    const { provider, asked } = await overriddenProvider()

    expect(await provider.Client.find('known')).toBeInstanceOf(provider.Client)
    expect(await provider.Client.find('')).toBeUndefined()
    expect(asked).toEqual([['find', 'known']])
  })

  it('passes on what the comparison throws, with its status and description', async () => {
    const { provider } = await overriddenProvider()
    overrideSecretComparison(provider, async () => {
      throw oauthError(401, 'invalid_client', 'switched off')
    })
    const answer = await tokenOf(provider, GRANT)

    expect(answer.status).toBe(401)
    expect(answer.body).toEqual({ error: 'invalid_client', error_description: 'switched off' })
  })
})

describe('oauthError', () => {
  it('is answered as it is, a 503 as well', async () => {
    const { provider } = await overriddenProvider()
    overrideSecretComparison(provider, async () => {
      throw oauthError(503, 'temporarily_unavailable', 'try again')
    })
    const answer = await tokenOf(provider, GRANT)

    expect(answer.status).toBe(503)
    expect(answer.body).toEqual({ error: 'temporarily_unavailable', error_description: 'try again' })
  })
})

describe('buildClient', () => {
  it('makes a client of the library, and stores nothing', async () => {
    const { provider, stored } = stockProvider()
    const client = await buildClient(provider, metadata('a client'))

    expect(client).toBeInstanceOf(provider.Client)
    expect(client.clientId).toBe('a client')
    expect(client.grantTypeAllowed('client_credentials')).toBe(true)
    expect(stored).toEqual([])
  })

  const faults: readonly [string, Partial<ClientMetadata>][] = [
    ['with a secret that is empty', { client_secret: '' }],
    ['with a grant type that the server has not', { grant_types: ['password'] }],
    ['with an authentication that the server has not', { token_endpoint_auth_method: 'tls_client_auth' }],
  ]

  it.each(faults)('validates: a client %s is refused', async (_what, fault) => {
    const { provider } = stockProvider()

    await expect(buildClient(provider, { ...metadata('bad'), ...fault })).rejects.toBeInstanceOf(
      errors.InvalidClientMetadata,
    )
  })
})

describe('the client_credentials grant of the library', () => {
  it('is the one that is imported', () => {
    expect(grantType).toBe('client_credentials')
    expect(handler).toBeInstanceOf(Function)
  })

  it('has helpers that all take the provider first, so that each can be bound', () => {
    expect(grantHelpers.validateClientScope.length).toBeGreaterThanOrEqual(1)
    expect(Object.keys(grantHelpers)).toEqual(
      expect.arrayContaining(['validateClientScope', 'resolveRequestedResources', 'buildTokenResponse']),
    )
    for (const helper of Object.values(grantHelpers)) expect(helper).toBeInstanceOf(Function)
  })

  it('by itself drops scopes that it does not know without a word: why there is a rule of ours', async () => {
    const { provider } = await overriddenProvider()
    const answer = await tokenOf(provider, `${GRANT}&scope=not%3Aheld`)

    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('scope')
  })

  it('takes the scopes from the rule that replaces validateClientScope, and from nowhere else', async () => {
    const { provider } = await overriddenProvider()
    const requested: unknown[] = []
    registerClientCredentials(provider, ctx => {
      requested.push(ctx.oidc.params.scope)
      return ['held', 'another']
    })
    const answer = await tokenOf(provider, `${GRANT}&scope=asked`)

    expect(requested).toEqual(['asked'])
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      expires_in: 60,
      scope: 'held another',
      token_type: 'Bearer',
    })
  })

  it('answers what the rule throws', async () => {
    const { provider } = await overriddenProvider()
    registerClientCredentials(provider, () => {
      throw new errors.InvalidScope('not held', 'asked')
    })
    const answer = await tokenOf(provider, `${GRANT}&scope=asked`)

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_scope'])
  })
})

describe('a library run', () => {
  it('can be made twice with one request, each with the whole body and a state of its own', async () => {
    const { provider, asked } = await overriddenProvider()
    registerClientCredentials(provider, ctx => [String(ctx.oidc.params.scope)])
    const run = createLibraryRun(provider)
    const form = `${GRANT}&scope=read`
    const answers: { status: number; token: unknown }[] = []
    const app = new Koa()
    app.use(async ctx => {
      for (let runs = 0; runs < 2; runs += 1) {
        await run(ctx, Buffer.from(form))
        const body: unknown = ctx.body
        const token = body && typeof body === 'object' && 'access_token' in body && body.access_token
        answers.push({ status: ctx.status, token })
      }
      expect(ctx).not.toHaveProperty('oidc')
    })
    const answer = await request(app.callback()).post('/token').auth('known', 'right').type('form').send(form)

    expect(answer.status).toBe(200)
    expect(answer.body.scope).toBe('read')
    expect(answers.map(each => each.status)).toEqual([200, 200])
    expect(new Set(answers.map(each => each.token)).size).toBe(2)
    expect(asked.filter(each => Array.isArray(each) && each[0] === 'compare')).toHaveLength(2)
  })

  it('shows the hooks the state of the request, by Provider.ctx', async () => {
    const { provider } = await overriddenProvider()
    const seen: unknown[] = []
    overrideSecretComparison(provider, async () => {
      seen.push(Provider.ctx?.state.exchange)
      return true
    })
    const run = createLibraryRun(provider)
    const app = new Koa()
    app.use(async ctx => {
      ctx.state.exchange = 'of this request'
      await run(ctx, Buffer.from(GRANT))
    })
    await request(app.callback()).post('/token').auth('known', 'right').type('form').send(GRANT)

    expect(seen).toEqual(['of this request'])
  })

  it('describes a request without a credential as this server knows it', async () => {
    const { provider } = await overriddenProvider()
    const run = createLibraryRun(provider)
    const app = new Koa()
    app.use(ctx => run(ctx, Buffer.from('grant_type=client_credentials')))
    const answer = await request(app.callback()).post('/token').type('form').send(GRANT)

    expect([answer.status, answer.body.error_description]).toEqual([400, LACKS_CLIENT_AUTHENTICATION])
  })

  it('refuses what is no form, without a body as well', async () => {
    const { provider } = await overriddenProvider()
    const run = createLibraryRun(provider)
    const app = new Koa()
    app.use(ctx => run(ctx, Buffer.alloc(0)))
    const answer = await request(app.callback()).post('/token').auth('known', 'right').type('json').send('{}')

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
  })
})
