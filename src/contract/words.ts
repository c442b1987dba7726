import type { JsonSchema } from './json-schema.ts'

/** What the document adds to a field: at least its description. */
export type Words = Pick<JsonSchema, 'description' | 'examples' | 'minimum' | 'maximum'>

const at = (description: string): Words => ({ description, examples: ['2030-01-31T00:00:00.000Z'] })
const count = (description: string): Words => ({ description, minimum: 0 })
const milliseconds = (description: string): Words => ({
  description: `${description}, in milliseconds`,
  minimum: 0,
})
const seconds = (description: string): Words => ({ description, minimum: 0, examples: [1_893_456_000] })

/**
 * What fields of bodies mean, by their names: a name means the same wherever it stands. Where it does not, the name of
 * the schema stands before it (`Problem.status`), or the schema says it itself: what is said there counts first.
 */
export const FIELDS: Readonly<Record<string, Words>> = {
  // Envelopes
  data: { description: 'What the request or answer is about' },
  meta: { description: 'What is said beside the data: the page, or what is shown this once' },
  attributes: { description: 'The fields of the thing' },
  id: { description: 'Names it in paths, for as long as it exists' },
  type: { description: 'What kind of thing it is' },
  name: { description: 'Its name, for people', examples: ['Purchasing'] },
  page: { description: 'The number of this page; the first is 1', minimum: 1, maximum: 1_000_000 },
  per_page: { description: 'How many entries a page has at most', minimum: 1, maximum: 100 },
  total: count('How many entries there are on all pages together'),
  total_pages: count('How many pages there are'),
  createdAt: at('When it was made'),
  updatedAt: at('When it was last changed'),
  deletedAt: at('When it was deleted; null while it exists'),
  expiresAt: at('From when on it is good no more; null: it has no end'),
  issuedAt: at('When it was granted'),
  lastUsedAt: at('When it was last used with success; null: never'),
  lastUsedIp: { description: 'The address that last used it; null: none has', examples: ['203.0.113.7'] },
  acceptedAt: at('When the person accepted; null: not yet'),
  pulledAt: at('When it was withdrawn; null: it was not'),

  // Problems and errors
  'Problem.type': { description: '`urn:sentinel-pass:problem:` and the code' },
  'Problem.title': { description: 'What kind of problem it is; the same for each of its code' },
  'Problem.status': { description: 'The HTTP status', minimum: 400, maximum: 599 },
  'Problem.code': { description: 'The code of the problem, for programs; it stays as it is' },
  code: { description: 'A one-time code of an authenticator', examples: ['123456'] },
  'OauthTokenRequest.code': { description: 'The code that sign-in gave' },
  pointer: { description: 'The place in the body (RFC 6901)', examples: ['/sentinelPass/title'] },
  parameter: { description: 'The name of the parameter', examples: ['per_page'] },
  detail: { description: 'What is wrong there, and what to do' },
  error: { description: 'The code of the error', examples: ['invalid_client'] },
  error_description: { description: 'What is wrong, for people' },

  // Passes
  sentinelPass: { description: 'The fields of the pass' },
  title: { description: 'The name of the agent: letters, digits and spaces', examples: ['Sourcing Agent'] },
  description: { description: 'What it is for, in words' },
  assetType: { description: 'Always `security`' },
  active: { description: 'Whether it is switched on: one that is off is granted no tokens' },
  'Introspection.active': { description: 'Whether the token is good, at this moment and for the caller' },
  status: { description: 'The state that it is in at this moment, by its switch and its times' },
  'OperationsHealthAnswer.status': { description: 'That the process is alive' },
  'OperationsReadyAnswer.status': { description: 'That the server can do its work' },
  'OperationsReady503Answer.status': { description: 'That the server cannot do its work' },
  tags: { description: 'Words to find it by', examples: [['team-a']] },
  permissions: {
    description: 'What it may do, as introspection tells resource servers',
    examples: [['read', 'write']],
  },
  scopes: { description: 'What its tokens can be granted', examples: [['read:data', 'write:data']] },
  'PassOptions.scopes': {
    description: 'Those scopes that have a description; a pass may have others',
  },
  scopeDescriptions: { description: 'Those of its scopes that have a description, in words' },
  capabilities: { description: 'What it is able to do, derived from its scopes and permissions' },
  allowedReferers: {
    description:
      'Patterns with `*` of which a token request needs a matching `Referer` or `Origin`; empty: any',
    examples: [['https://app.example.com/*']],
  },
  allowedIps: {
    description: 'Addresses and CIDR ranges that it may be used from; empty: any',
    examples: [['203.0.113.0/24']],
  },
  resources: {
    description: 'Where its tokens may be asked for, as `resource` (RFC 8707)',
    examples: [['https://ledger.example.com']],
  },
  credentialType: { description: 'What its credential is called in lists' },
  passId: { description: 'Its id for people, which paths take as well', examples: ['SP-2030-A1B2C3'] },
  clientId: { description: 'The id of its OAuth client', examples: ['sp_Xow5QBzc5duZRbRhOis4vo'] },
  clientSecret: { description: 'The secret of its client, this once; null where it authenticates by keys' },
  agentUserId: { description: 'The id of its agent, by which activity is asked for' },
  apiBaseUrl: { description: 'Where the API begins', examples: ['http://localhost:3000/v1/api'] },
  agentType: {
    description: 'What kind of agent it is, in words with underscores',
    examples: ['sourcing_agent'],
  },
  usageType: { description: 'What it is used as' },
  accessLevel: { description: 'How long its tokens last at most, and how many it may fetch a minute' },
  accessIndicator: { description: 'How far its access goes, for people to see at a glance' },
  organization: { description: 'For whom the agent works, in words', examples: ['Example Ltd'] },
  integrationNotes: { description: 'Notes for those who integrate it' },
  entityType: { description: 'What kind of thing in another system it stands for', examples: ['supplier'] },
  entityId: { description: 'The id of that thing in the other system', examples: ['4711'] },
  tokenFormat: {
    description: 'Opaque tokens, or JWTs that a resource server can check by itself (RFC 9068)',
  },
  tokenTtl: {
    description: 'How many seconds a token lasts; null: as long as the access level allows',
    examples: [900],
    minimum: 1,
  },
  jwks: { description: 'The public keys that it signs assertions with (RFC 7523); null: it has none' },
  createdBy: { description: 'Who made it: a person, an API key or another pass' },
  visibility: { description: 'Always `privately_visible`: the project alone sees it' },
  validFrom: at('From when on it is granted tokens'),
  validUntil: at('Until when it is granted tokens; null: it has no end'),
  lastRotatedAt: at('When it was last given a new secret; null: never'),
  usageCount: count('How often it was used with success'),
  secrets: { description: 'Its live secrets, never their values' },
  gracePeriodSeconds: { description: 'For how many seconds the old secret stays good', examples: [3600] },
  revokeTokens: { description: 'Whether its live tokens end as well', examples: [true] },
  resource: {
    description: 'Where the token is to be used (RFC 8707)',
    examples: ['https://ledger.example.com'],
  },

  // Keys (RFC 7517, RFC 7518)
  keys: { description: 'The public keys, one after the other' },
  kty: { description: 'The kind of key: RSA, EC or OKP' },
  kid: { description: 'The id of the key' },
  alg: { description: 'The algorithm that it signs with' },
  use: { description: 'Always `sig`: it verifies signatures' },
  crv: { description: 'The curve, of an EC or OKP key' },
  x: { description: 'The x coordinate, in base64url' },
  y: { description: 'The y coordinate, in base64url' },
  n: { description: 'The modulus of an RSA key, in base64url' },
  e: { description: 'The exponent of an RSA key, in base64url' },

  // What a pass can be
  'PassOptions.name': { description: 'The access level' },
  'PassOptions.scope': { description: 'The scope' },
  'PassOptions.description': { description: 'What the scope allows, in words' },
  accessLevels: { description: 'The access levels, the lowest first' },
  usageTypes: { description: 'The usage types' },
  credentialTypes: { description: 'The credential types' },
  tokenFormats: { description: 'The token formats' },
  grantsPerMinute: count('How many tokens a pass of this level may fetch a minute'),
  maxTokenTtlSeconds: { description: 'How many seconds a token lasts at most', minimum: 1 },
  shownAs: { description: 'What a pass of this level has as its access indicator' },

  // Organizations, projects, people
  organizationId: { description: 'The organization that it belongs to' },
  note: { description: 'What it is for, in words', examples: ['CI of the shop'] },
  secretKey: { description: 'The key itself, this once' },
  email: { description: 'The email address, in lower case', examples: ['ada@example.com'] },
  role: { description: 'What somebody may do in an organization', examples: ['MEMBER'] },
  totp: { description: 'Whether one-time codes are set up' },
  requiresTotp: {
    description:
      'Whether it is there only for members who have set up one-time codes; all others can but leave',
  },
  lastSignedInAt: at('When the person last signed in; null: never'),
  organizations: { description: 'The organizations that the person is in' },
  secret: { description: 'The secret of a one-time link or of one-time codes', examples: ['spi_…'] },
  link: {
    description: 'The link with the secret in it, to hand on',
    examples: ['http://localhost:3000/console/invitation#…'],
  },
  invitation: { description: 'The link of the invitation, this once' },
  passwordReset: { description: 'The link that sets a new password, this once' },
  credentials: { description: 'What the agent needs to work, this once' },
  password: { description: 'The password of the account', examples: ['correct horse battery staple'] },
  currentPassword: { description: 'The password as it is', examples: ['correct horse battery staple'] },
  newPassword: { description: 'The password as it is to be', examples: ['another horse battery staple'] },

  // Audit trail
  action: { description: 'What was done', examples: ['pass.rotate'] },
  actor: { description: 'Who did it' },
  target: { description: 'What it was done to' },
  clientIp: {
    description: 'The address that it was done from; null: not over the network',
    examples: ['203.0.113.7'],
  },
  before: { description: 'The changed fields as they were; null: nothing was there' },
  after: { description: 'The changed fields as they are since; null: nothing is there' },

  // Activity
  logs: { description: 'The rows of this page' },
  activity_type: { description: 'What the row is of: a grant, a call, or an error' },
  endpoint: { description: 'The path that was called, without its query', examples: ['/orders/42'] },
  http_method: { description: 'The HTTP method of the call', examples: ['GET'] },
  status_code: { description: 'The HTTP status that the call was answered with', minimum: 0, maximum: 999 },
  success: { description: 'Whether it went well' },
  client_ip: { description: 'The address that the agent called from', examples: ['203.0.113.7'] },
  user_agent: { description: 'What the agent says that it is', examples: ['agent/1.0'] },
  started_at: at('When it began'),
  completed_at: at('When it was over'),
  duration_ms: milliseconds('How long it took'),
  error_message: { description: 'What went wrong, in words; null: nothing did' },
  metadata: { description: 'What else is known of it' },
  start_date: at('Where the range begins'),
  end_date: at('Where the range ends; it is not part of it'),
  group_by: { description: 'The length of a period' },
  sort_by: { description: 'The figure that they are ranked by' },
  summary: { description: 'The figures of the whole range' },
  period_start: at('When the period begins'),
  total_requests: count('How many requests there were'),
  success_count: count('How many of them went well'),
  error_count: count('How many of them did not'),
  avg_latency_ms: milliseconds('How long a request took on average'),
  p95_latency_ms: milliseconds('What 95 of 100 requests took at most'),
  unique_endpoints: count('How many different endpoints were called, about'),
  passes: { description: 'The passes, the first in the ranking first' },
  deleted: { description: 'Whether it has been deleted since' },

  // OAuth (RFC 6749, RFC 7662)
  grant_type: { description: 'What is asked for a token with' },
  client_id: { description: 'The id of the client', examples: ['sp_Xow5QBzc5duZRbRhOis4vo'] },
  client_assertion_type: { description: 'That the assertion is a JWT (RFC 7523)' },
  redirect_uri: { description: 'Where the browser was sent back to with the code' },
  token: { description: 'The token that is meant', examples: ['spt_AQAHnIT7…'] },
  token_type_hint: { description: 'What kind of token it is; the answer is the same without' },
  access_token: { description: 'The access token: send it as `Authorization: Bearer`' },
  token_type: { description: 'How the token is sent' },
  expires_in: { description: 'How many seconds the token lasts', minimum: 1, examples: [900] },
  'OAuthError.scope': { description: 'The scopes that were refused, or that are needed' },
  scope: { description: 'Scopes, with spaces between', examples: ['read:data write:data'] },
  sub: { description: 'Whom the token is about: the client id' },
  aud: { description: 'Where the token is to be used' },
  iss: { description: 'The issuer: the address of this server' },
  jti: { description: 'The id of the token' },
  iat: seconds('When the token was granted, in seconds since 1970'),
  exp: seconds('From when on the token is good no more, in seconds since 1970'),
  agent_user_id: { description: 'The id of the agent' },
  pass_id: { description: 'The id of the pass, for people', examples: ['SP-2030-A1B2C3'] },
  project_id: { description: 'The project of the pass: a resource server compares it with its own' },
  access_level: { description: 'The access level of the pass' },

  // Metadata (RFC 8414, OpenID Connect Discovery)
  issuer: { description: 'The address of this server, which its tokens name' },
  authorization_endpoint: { description: 'Where people begin to sign in' },
  end_session_endpoint: { description: 'Where people sign out' },
  token_endpoint: { description: 'Where tokens are granted' },
  introspection_endpoint: { description: 'Where tokens are checked' },
  revocation_endpoint: { description: 'Where tokens are ended' },
  jwks_uri: { description: 'Where the public keys are' },
  grant_types_supported: { description: 'The values that `grant_type` can have' },
  response_types_supported: { description: 'The values that `response_type` can have' },
  response_modes_supported: { description: 'The ways in which the browser brings the answer back' },
  code_challenge_methods_supported: { description: 'The methods of PKCE (RFC 7636)' },
  authorization_response_iss_parameter_supported: {
    description: 'Whether the browser brings the issuer back (RFC 9207)',
  },
  scopes_supported: { description: 'The scopes that people can be asked for' },
  subject_types_supported: { description: 'How people are told apart' },
  id_token_signing_alg_values_supported: { description: 'What ID tokens are signed with' },
  prompt_values_supported: { description: 'The values that `prompt` can have' },
  token_endpoint_auth_methods_supported: { description: 'How clients authenticate to fetch a token' },
  token_endpoint_auth_signing_alg_values_supported: {
    description: 'What their assertions may be signed with there',
  },
  introspection_endpoint_auth_methods_supported: { description: 'How clients authenticate to check a token' },
  introspection_endpoint_auth_signing_alg_values_supported: {
    description: 'What their assertions may be signed with there',
  },
  revocation_endpoint_auth_methods_supported: { description: 'How clients authenticate to end a token' },
  revocation_endpoint_auth_signing_alg_values_supported: {
    description: 'What their assertions may be signed with there',
  },
  tls_client_certificate_bound_access_tokens: {
    description: 'Whether tokens can be bound to a client certificate (RFC 8705)',
  },

  // Operations
  checks: { description: 'What was looked at, each with what came of it' },
  openapi: { description: 'The version of OpenAPI' },
  paths: { description: 'The operations by path and method' },
}

/** What the named schemas are. Those of one operation are described by it. */
export const SCHEMAS: Readonly<Record<string, Words>> = {
  OauthTokenRequest: {
    examples: [
      {
        grant_type: 'client_credentials',
        client_id: 'sp_Xow5QBzc5duZRbRhOis4vo',
        client_secret: 'sps_…',
        scope: 'read:data',
      },
    ],
  },
  PassesCreateRequest: {
    examples: [
      { sentinelPass: { title: 'Sourcing Agent', scopes: ['read:data', 'write:data'], tags: ['team-a'] } },
    ],
  },
  PassesUpdateRequest: {
    examples: [
      {
        sentinelPass: { description: 'Finds suppliers', accessLevel: 'premium', validUntil: '2099-12-31' },
      },
    ],
  },
  SignOutConfirmRequest: { examples: [{ xsrf: 'as the page has it', logout: 'yes' }] },
  AccessToken: { description: 'A live token of a pass, without its value' },
  Account: { description: 'The account of the person who is signed in' },
  Activity: { description: 'One thing that an agent did' },
  ResourceServer: { description: 'A resource that tokens can be for, which belongs to one project' },
  ApiKey: { description: 'A key by which programs manage a project, without its value' },
  OrganizationApiKey: {
    description: 'A key by which programs act in an organization and its projects, without its value',
  },
  AuditEvent: { description: 'One change: who made it, to what, and from where' },
  Introspection: { description: 'What is known of a token (RFC 7662)' },
  Invitation: { description: 'An invitation to an organization, without its link' },
  OAuthError: { description: 'An error of OAuth (RFC 6749 section 5.2)' },
  Organization: { description: 'An organization: it has members and projects' },
  PageMeta: { description: 'Which page of how many it is' },
  PassSecret: { description: 'A live secret of a pass, without its value' },
  PassOptions: { description: 'What a pass can be' },
  Problem: { description: 'What went wrong (RFC 9457)' },
  Project: { description: 'A project: it has passes and API keys' },
  SentinelPass: { description: 'A pass: one OAuth client for one agent' },
  ServerMetadata: { description: 'Where everything is, and what the server can (RFC 8414)' },
  SigningKey: { description: 'A key that tokens are signed with, without its private part' },
  TokenAnswer: { description: 'A token that was granted (RFC 6749 section 5.1)' },
}

/** What the tags stand for. */
export const TAGS: Readonly<Record<string, string>> = {
  OAuth: 'Tokens: granted to agents, checked by resource servers, ended; and the metadata of the server',
  'Signing in': 'The pages by which people sign in and out, for browsers',
  'Organizations and projects': 'Who owns passes',
  'Sentinel Passes': 'Passes, their secrets and their live tokens',
  'Resource servers': 'The resources that tokens can be for, and whose they are',
  'API keys': 'Keys by which programs manage a project',
  'Audit trail': 'Who changed what',
  Activity: 'What agents did: rows, files and figures',
  'Members and invitations': 'Who looks after an organization',
  'Own account': 'What people see and change of themselves',
  'Signing keys': 'The keys that tokens are signed with',
  Operations: 'For those who run the server',
  Reference: 'This document',
  Console: 'The web console',
}

/** What parameters mean, by their names; where that differs, by the name of the operation and theirs. */
export const PARAMETERS: Readonly<Record<string, Words>> = {
  orgId: { description: 'The id of the organization' },
  projectId: { description: 'The id of the project' },
  tokenId: { description: 'The id of the token, as the list has it' },
  secretId: { description: 'The id of the secret, as the list has it' },
  agent_type: { description: 'Only those with this agent type', examples: ['sourcing_agent'] },
  access_level: { description: 'Only those with this access level' },
  usage_type: { description: 'Only those with this usage type' },
  'members/id': { description: 'The id of the user' },
  'resource_servers/id': { description: 'The id of the resource server' },
  'api_keys/id': { description: 'The id of the API key' },
  'invitations/id': { description: 'The id of the invitation' },
  'sessions/id': { description: 'The id of the session' },
  page: { description: 'Which page to answer; the first is 1' },
  per_page: { description: 'How many entries a page has at most' },
  sort_by: { description: 'What the entries are ordered by' },
  sort_order: { description: 'Whether the smallest or the largest comes first' },
  active: { description: 'Only those that are switched on, or off' },
  credential_type: { description: 'Only those with this credential type' },
  search: {
    description: 'Only those that this text is part of the title of; capital letters count as small ones',
  },
  tags: {
    description: 'Only those that have all of these tags; with commas between',
    examples: ['team-a,eu'],
  },
  status: { description: 'Only those that are in this state' },
  agent_user_id: { description: 'The id of the agent' },
  start_date: { description: 'Only what began at or after this instant', examples: ['2030-01-01T00:00:00Z'] },
  end_date: { description: 'Only what began before this instant', examples: ['2030-01-31T00:00:00Z'] },
  activity_type: { description: 'Only rows of this kind' },
  endpoint: { description: 'Only rows whose endpoint this text is part of', examples: ['/orders'] },
  success: { description: 'Only what went well, or only what did not' },
  cursor: { description: '`next_cursor` of the page before; goes on from there' },
  format: { description: 'The format of the file' },
  group_by: { description: 'The length of a period' },
  limit: { description: 'How many to answer at most' },
  client_id: { description: 'The id of the client that people sign in to' },
  response_type: { description: 'What the browser is to bring back: a code' },
  redirect_uri: { description: 'Where the browser is to go back to; one of those of the client' },
  scope: { description: '`openid`, with `profile` and `email` as needed; with spaces between' },
  code_challenge: { description: 'The challenge of PKCE (RFC 7636)' },
  code_challenge_method: { description: 'How the challenge was made' },
  state: { description: 'Brought back as it was sent' },
  nonce: { description: 'Put into the ID token as it was sent' },
  prompt: { description: 'Whether people may be asked, or have to be' },
  max_age: { description: 'How many seconds ago the password may have been given at most' },
  login_hint: { description: 'The email address to begin with' },
  id_token_hint: { description: 'The ID token of the session that is to end' },
  post_logout_redirect_uri: {
    description: 'Where the browser is to go afterwards; one of those of the client',
  },
}
