// Shapes of the library's modules that its own types leave out; `oidc-internals.ts` is the only one to import them.

declare module 'oidc-provider/lib/actions/grants/client_credentials.js' {
  import type Provider from 'oidc-provider'
  import type { TokenEndpointGrantContext } from 'oidc-provider'

  export function handler(provider: Provider, helpers: object, ctx: TokenEndpointGrantContext): Promise<void>
  export const grantType: string
}

declare module 'oidc-provider/lib/helpers/grants.js' {
  import type Provider from 'oidc-provider'
  import type { TokenEndpointGrantContext } from 'oidc-provider'

  /** Each takes the provider first; the library binds it before it hands them to a grant's handler. */
  type Helper = (provider: Provider, ctx: TokenEndpointGrantContext, ...rest: unknown[]) => unknown
  export const validateClientScope: Helper
  export const resolveRequestedResources: Helper
}

declare module 'oidc-provider/lib/helpers/add_client.js' {
  import type Provider from 'oidc-provider'
  import type { ClientMetadata } from 'oidc-provider'

  export default function addClient(
    provider: Provider,
    metadata: ClientMetadata,
  ): Promise<InstanceType<Provider['Client']>>
}

declare module 'oidc-provider/lib/helpers/initialize_keystore.js' {
  import type Provider from 'oidc-provider'

  /** Reads a private key set and has the provider sign with it. @throws Error for a key that it cannot use */
  export default function initializeKeystore(this: Provider, jwks: { keys: object[] }): void
}

declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type Provider from 'oidc-provider'

  /** What a provider has made of its configuration. */
  export default function internalsOf(provider: Provider): {
    readonly responseModes: Map<string, unknown>
    readonly configuration: { readonly grantTypes: ReadonlySet<string> } & Readonly<Record<string, unknown>>
    readonly features: Readonly<Record<string, { readonly enabled: boolean }>>
  }
}

declare module 'oidc-provider/lib/helpers/defaults.js' {
  /** The configuration of a provider that is given none. */
  export default function makeDefaults(): Record<string, unknown>
}
