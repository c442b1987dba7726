import type { Configuration } from 'oidc-provider'

type Features = NonNullable<Configuration['features']>
type FeatureName = keyof Features

/** The two set-ups of the library: for machine clients (`provider.ts`), and for people (`sign-in-provider.ts`). */
type Provider = 'machines' | 'people'

interface Decision {
  /** Where it is on; nowhere: the product does not have it. */
  readonly on: readonly Provider[]
  readonly why: string
}

/**
 * Every feature of oidc-provider 9.13.3, and whether this server has it: none that the product does not have.
 * `test/oauth/library/library-features.test.ts` fails when a version of the library brings another, or another default.
 */
export const FEATURES = {
  attestClientAuth: { on: [], why: 'a draft; its headers do not reach the library' },
  backchannelLogout: { on: [], why: 'the console is the one client, and its sessions end here' },
  ciba: { on: [], why: 'people sign in at the browser that they use' },
  claimsParameter: { on: [], why: 'an ID token has what its scopes say; the parameter is refused' },
  clientCredentials: { on: ['machines'], why: 'how a pass gets its tokens (RFC 6749 section 4.4)' },
  clientIdMetadataDocument: {
    on: [],
    why: 'a client is a pass; the server fetches no document of a stranger',
  },
  dPoP: {
    on: [],
    why: 'no token is bound to a key: the proof is ignored, and token_type says so (RFC 9449 section 5)',
  },
  devInteractions: { on: [], why: 'lets anybody in with any password' },
  deviceFlow: { on: [], why: 'a machine has a pass of its own, and is nobody’s device' },
  encryption: { on: [], why: 'nobody asks for encrypted tokens' },
  externalSigningSupport: { on: [], why: 'the keys are the server’s own' },
  fapi: { on: [], why: 'what it would ask of clients holds for all of them, or is not had' },
  introspection: { on: ['machines'], why: 'how a resource server checks a token (RFC 7662)' },
  jwtIntrospection: { on: [], why: 'the answer is JSON, over TLS, to who authenticated' },
  jwtResponseModes: { on: [], why: 'the answer to a sign-in is a code in the query' },
  jwtUserinfo: { on: [], why: 'there is no userinfo endpoint' },
  mTLS: { on: [], why: 'a proxy tells of certificates; tokens are bound to them here, not by the library' },
  openid4vci: { on: [], why: 'no verifiable credentials' },
  pushedAuthorizationRequests: { on: [], why: 'the one client of people is public; request_uri is refused' },
  registration: { on: [], why: 'passes are made over the management API' },
  registrationManagement: { on: [], why: 'passes are changed over the management API' },
  requestObjects: { on: [], why: 'the one client of people has no keys; request is refused' },
  resourceIndicators: { on: ['machines'], why: 'a pass names where its token is for (RFC 8707)' },
  revocation: { on: ['machines'], why: 'how a token is ended early (RFC 7009)' },
  richAuthorizationRequests: {
    on: [],
    why: 'a pass has scopes and resources; authorization_details is refused',
  },
  rpInitiatedLogout: { on: ['people'], why: 'how the console signs a person out' },
  rpMetadataChoices: { on: [], why: 'nobody registers' },
  userinfo: { on: [], why: 'the console reads name and email from the ID token' },
  webMessageResponseMode: { on: [], why: 'the console is redirected to' },
} as const satisfies Record<FeatureName, Decision>

/** The features that a provider has, each of which it has to set up, and no other. */
type FeaturesOf<Who extends Provider> = Required<
  Pick<
    Features,
    { [Name in FeatureName]: Who extends (typeof FEATURES)[Name]['on'][number] ? Name : never }[FeatureName]
  >
>

/** All features of the library as the table has them: off, but for those that are set up. */
export function featuresFor<Who extends Provider>(_who: Who, settings: FeaturesOf<Who>): Features {
  const off = Object.fromEntries(Object.keys(FEATURES).map(name => [name, { enabled: false }]))
  return { ...off, ...settings }
}

/** What is done with an option of the library: given a value by both providers or one, or left at its default. */
type Option = readonly ['both' | 'machines' | 'people' | 'default', why: string]

/** Every other option of the library. */
export const OPTIONS: Readonly<Record<string, Option>> = {
  acceptQueryParamAccessTokens: ['default', 'off: no token in a URL'],
  acrValues: ['default', 'none: a sign-in is one level'],
  adapter: ['both', 'tokens and sessions are kept where this server keeps them'],
  allowOmittingSingleRegisteredRedirectUri: ['people', 'off: a sign-in says where it goes back to'],
  assertJwtClientAuthClaimsAndHeader: ['machines', 'audience, iat and kid of an assertion are judged here'],
  claims: ['people', 'subject, name and email'],
  clientAuthMethods: ['both', 'secrets and assertions of passes; none for the public client of people'],
  clientBasedCORS: [
    'both',
    'allowedReferers judge a pass’s Origin; people come from this server’s own pages',
  ],
  clientDefaults: ['machines', 'an algorithm that there are keys for'],
  clients: ['people', 'the console; passes are looked up'],
  clockTolerance: ['machines', 'clocks of agents differ by more than the default allows'],
  conformIdTokenClaims: ['people', 'off: there is no userinfo endpoint to read the claims from'],
  cookies: ['people', 'signed with this server’s keys; nothing of machines has a cookie'],
  discovery: ['default', 'unused: the metadata is presented here'],
  enableHttpPostMethods: [
    'default',
    'off: a sign-in is begun and ended by GET, so that cookies can be SameSite',
  ],
  enabledJWA: [
    'both',
    'the algorithms of assertions and ID tokens; the rest belongs to features that are off',
  ],
  expiresWithSession: ['default', 'tokens of people end with their session'],
  extraClientMetadata: ['default', 'none'],
  extraParams: ['people', 'what would narrow a sign-in and is not had is refused'],
  extraTokenClaims: ['default', 'none: tokens are made here'],
  fetch: ['both', 'the server fetches nothing of a client’s'],
  fetchResponseBodyLimits: ['default', 'unused: nothing is fetched'],
  findAccount: ['people', 'accounts of this server; passes have none'],
  formats: ['default', 'unused: tokens are made here'],
  interactions: ['people', 'the sign-in page, and no consent to one’s own console'],
  issueRefreshToken: ['default', 'none: a value of one’s own would switch the grant on'],
  jwks: ['both', 'the keys of ID tokens'],
  loadExistingGrant: ['people', 'the console is granted its scopes unasked'],
  pairwiseIdentifier: ['people', 'the user’s id, of the library’s account id'],
  pkce: ['people', 'always required'],
  renderError: ['both', 'JSON for machines, a page of this server for people'],
  responseTypes: ['both', 'a code for people; nothing for machines'],
  revokeGrantPolicy: ['default', 'a grant ends with what was made of it'],
  rotateRefreshToken: ['default', 'unused: there are no refresh tokens'],
  routes: ['both', 'where this server has them; what it does not mount cannot be reached'],
  scopes: ['both', 'those of a sign-in; a pass’s are its own'],
  sectorIdentifierUriValidate: ['default', 'unused: no client has one'],
  subjectTypes: ['people', 'clients are told the user’s id'],
  ttl: ['both', 'by the pass; short for people'],
}

/** What would narrow what a sign-in is for, and is not had: refused, never passed over. */
export const UNSUPPORTED_PARAMETERS = ['audience', 'authorization_details', 'claims', 'resource'] as const

/** In the place of the library's way to fetch documents that clients name: there is none, so nobody can have it call anything. */
export const fetchNothing: NonNullable<Configuration['fetch']> = () => {
  throw new Error('The library wanted to fetch a document of a client')
}
