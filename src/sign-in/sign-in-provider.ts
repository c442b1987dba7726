import Provider, { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { UserStore } from '../accounts/user.store.ts'
import { publicPathOf } from '../http/public-path.ts'
import { featuresFor, fetchNothing, UNSUPPORTED_PARAMETERS } from '../oauth/library/library-features.ts'
import { keepResponseModes } from '../oauth/library/oidc-internals.ts'
import type { PrivateJwk } from '../signing-keys/signing-keys.ts'
import { isCurrent, subjectOf } from './accounts.ts'
import { cookieNamesOf } from './cookie-names.ts'
import type { SessionArtifactStore } from './session-artifact.store.ts'
import { createSignInAdapterFactory } from './sign-in-adapter.ts'
import { createSignInPages } from './sign-in-pages.ts'
import type { SessionLimits, UserSessionStore } from './user-session.store.ts'

/** Paths by which people sign in and out, below `PUBLIC_URL`; the token endpoint is the one of everybody. */
export const SIGN_IN_ROUTES = {
  authorization: '/v1/api/oauth/authorize',
  end_session: '/v1/api/oauth/logout',
  token: '/v1/api/oauth/token',
  jwks: '/.well-known/jwks.json',
} as const

/** Where the page of an interaction is. */
export const SIGN_IN_PAGE = '/v1/api/oauth/sign-in'

/** The one client of people: the console of this server. Public, so that what protects it is PKCE and its addresses. */
export const CONSOLE_CLIENT_ID = 'sentinel-pass-console'

/** How a sign-in is answered: by a redirect, with no page of the library's in between. */
export const RESPONSE_MODE = 'query'

export const SIGN_IN_SCOPES = ['openid', 'profile', 'email'] as const

const [MINUTE, HOUR] = [60, 3600]
const ACCESS_TOKEN_SECONDS = 10 * MINUTE
const GRANT_SECONDS = 24 * HOUR

/** oidc-provider set up for people: authorization code with PKCE, no consent, sessions, sign-out. */
export function createSignInProvider(options: {
  readonly issuer: string
  readonly signingKeys: readonly PrivateJwk[]
  /** The first signs; a cookie that another has signed is good, and signed anew. */
  readonly cookieKeys: readonly Buffer[]
  readonly artifacts: SessionArtifactStore
  readonly sessions: Pick<UserSessionStore, 'use'>
  readonly sessionLimits: SessionLimits
  readonly users: UserStore
}): Provider {
  const { issuer, users } = options
  const publicPath = publicPathOf(issuer)
  const pages = createSignInPages(publicPath)
  const secure = issuer.startsWith('https:')
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true, secure } as const
  const names = cookieNamesOf(issuer)
  const provider = new Provider(issuer, {
    adapter: createSignInAdapterFactory(options.artifacts, options.sessions),
    jwks: { keys: [...options.signingKeys] },
    routes: SIGN_IN_ROUTES,
    cookies: {
      keys: options.cookieKeys.map(key => key.toString('base64url')),
      names: { session: names.session, interaction: names.interaction, resume: names.resume },
      // The short ones have paths of the one sign-in that they are for.
      long: { ...cookie, path: publicPath || '/' },
      short: cookie,
    },
    clients: [
      {
        client_id: CONSOLE_CLIENT_ID,
        client_name: 'Sentinel Pass',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        // The library answers errors of other response types, all refused, in the fragment; a code it never does.
        response_modes: [RESPONSE_MODE],
        subject_type: 'pairwise',
        redirect_uris: [`${issuer}/console`, `${issuer}/console/callback`],
        post_logout_redirect_uris: [`${issuer}/console`],
        id_token_signed_response_alg: 'EdDSA',
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA', 'ES256', 'RS256'] },
    scopes: [...SIGN_IN_SCOPES],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    // The console reads name and email from the ID token: there is no userinfo endpoint.
    conformIdTokenClaims: false,
    // The library's account id has the epoch in it; what clients are told is the user's id alone.
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_ctx, accountId) => subjectOf(accountId),
    responseTypes: ['code'],
    allowOmittingSingleRegisteredRedirectUri: false,
    clientAuthMethods: ['none'],
    pkce: { required: () => true },
    // Browsers send an Origin with each form, the console's own included.
    clientBasedCORS: (_ctx, origin) => origin === new URL(issuer).origin,
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: MINUTE,
      Grant: GRANT_SECONDS,
      IdToken: ACCESS_TOKEN_SECONDS,
      Interaction: HOUR,
      Session: options.sessionLimits.idle,
    },
    interactions: {
      policy: firstPartyPolicy(),
      url: (_ctx, interaction) => `${publicPath}${SIGN_IN_PAGE}/${interaction.uid}`,
    },
    findAccount: async (_ctx, accountId) => {
      const user = await users.byId(subjectOf(accountId))
      if (!user || !isCurrent(accountId, user)) return undefined
      return {
        accountId,
        claims: async () => ({ sub: accountId, email: user.email, name: user.name }),
      }
    },
    loadExistingGrant: ctx => firstPartyGrant(ctx),
    renderError: pages.error,
    extraParams: Object.fromEntries(UNSUPPORTED_PARAMETERS.map(name => [name, refuse(name)])),
    fetch: fetchNothing,
    features: featuresFor('people', {
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: pages.signOut,
        postLogoutSuccessSource: pages.signedOut,
      },
    }),
  })
  keepResponseModes(provider, [RESPONSE_MODE, 'fragment'])
  return provider
}

function refuse(name: string) {
  return (_ctx: KoaContextWithOIDC, value: string | undefined) => {
    if (value !== undefined) throw new errors.InvalidRequest(`${name} is not supported here`)
  }
}

/** Nobody is asked whether the server's own console may act for them. */
function firstPartyPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base()
  policy.remove('consent')
  return policy
}

/** The grant of this session, or a new one: all of the console's scopes, without asking. */
async function firstPartyGrant(ctx: KoaContextWithOIDC) {
  const { account, client, provider, session } = ctx.oidc
  if (!account || !client) return undefined
  const { Grant } = provider
  const grantId = session?.grantIdFor(client.clientId)
  const known = grantId === undefined ? undefined : await Grant.find(grantId)
  // One that would end before a token made now is not used again.
  const lasts = known?.exp === undefined ? 0 : known.exp - Math.floor(Date.now() / 1000)
  if (known?.accountId === account.accountId && lasts > ACCESS_TOKEN_SECONDS) return known
  const grant = new Grant({ accountId: account.accountId, clientId: client.clientId })
  grant.addOIDCScope(SIGN_IN_SCOPES.join(' '))
  await grant.save()
  return grant
}
