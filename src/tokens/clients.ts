import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type Provider from 'oidc-provider'
import type { Jwks } from '../passes/jwks.schema.ts'
import type { ClientSnapshot, ClientStore } from './client.store.ts'
import { buildClient, type Client } from './oidc-internals.ts'

const CLIENTS_KEPT = 20_000
/** For clients without keys: nobody has its private half, so an assertion is refused as one with a wrong signature is. */
const UNUSED_KEY = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const CLIENT_ID = /^sp_[0-9A-Za-z]{22}$/

/** Whether a value has the form of a client id. One that has not may be a secret in the wrong place: it is kept nowhere. */
export function isClientId(value: string): boolean {
  return CLIENT_ID.test(value)
}

/** A pass as the library's client, and what it was built from. */
export interface BuiltClient {
  readonly client: Client
  /** The same pass as a client that signs its assertions: the library knows one way of authentication a client. */
  readonly asserting: Client
  readonly snapshot: ClientSnapshot
}

/** The clients of this process, built once for each version of a pass. */
export class Clients {
  readonly #store: Pick<ClientStore, 'load'>
  readonly #built = new LRUCache<string, BuiltClient>({ max: CLIENTS_KEPT })
  #nobody: Promise<Omit<BuiltClient, 'snapshot'>> | undefined

  constructor(store: Pick<ClientStore, 'load'>) {
    this.#store = store
  }

  /** The copy that this process has, however old. */
  cached(clientId: string): BuiltClient | undefined {
    return this.#built.get(clientId)
  }

  /** The client as it is now. */
  async fresh(provider: Provider, clientId: string): Promise<BuiltClient | undefined> {
    const snapshot = isClientId(clientId) ? await this.#store.load(clientId) : undefined
    if (!snapshot) {
      this.#built.delete(clientId)
      return undefined
    }
    const known = this.#built.get(clientId)
    if (known?.snapshot.version === snapshot.version && known.snapshot.passId === snapshot.passId)
      return known
    const built = { ...(await buildPassClients(provider, clientId, snapshot.jwks)), snapshot }
    this.#built.set(clientId, built)
    return built
  }

  /**
   * The client that stands in for one that does not exist. It has no secret, so it is refused exactly where and
   * as a wrong secret is: nothing tells which ids exist.
   */
  nobody(provider: Provider): Promise<Omit<BuiltClient, 'snapshot'>> {
    this.#nobody ??= buildPassClients(provider, 'nobody', null)
    return this.#nobody
  }
}

async function buildPassClients(
  provider: Provider,
  clientId: string,
  jwks: Jwks | null,
): Promise<Omit<BuiltClient, 'snapshot'>> {
  const common = {
    client_id: clientId,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  }
  // The library insists on a secret; the comparison that uses it is replaced, and it never leaves this object.
  const placeholder = randomBytes(32).toString('base64url')
  const [client, asserting] = await Promise.all([
    buildClient(provider, {
      ...common,
      client_secret: placeholder,
      token_endpoint_auth_method: 'client_secret_basic',
    }),
    buildClient(provider, {
      ...common,
      jwks: jwks ?? { keys: [UNUSED_KEY] },
      token_endpoint_auth_method: 'private_key_jwt',
    }),
  ])
  return { client, asserting }
}
