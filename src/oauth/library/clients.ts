import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type Provider from 'oidc-provider'
import type { Jwks } from '../../passes/jwks.schema.ts'
import { AssertionKeys } from '../assertion-keys.ts'
import type { ClientSnapshot, ClientStore } from '../client.store.ts'
import { isClientId } from '../client-id.ts'
import { buildClient, type Client, deriveClient } from './oidc-internals.ts'

const CLIENTS_KEPT = 20_000

/** A pass as the library's client, and what it was built from. */
export interface BuiltClient {
  readonly client: Client
  /** The same pass as a client that signs its assertions: the library knows one way of authentication a client. */
  readonly asserting: Client
  /** The keys that its assertions are verified with. */
  readonly keys: AssertionKeys
}

/** A client of the library for a pass, and the pass. */
export interface PassClient extends BuiltClient {
  readonly snapshot: ClientSnapshot
}

/** What all clients have in common, as the library has validated it. */
interface Templates {
  readonly client: Client
  readonly asserting: Client
}

/** The clients of this process, built once for each version of a pass. */
export class Clients {
  readonly #store: Pick<ClientStore, 'load'>
  readonly #built = new LRUCache<string, PassClient>({ max: CLIENTS_KEPT })
  #templates: Promise<Templates> | undefined

  constructor(store: Pick<ClientStore, 'load'>) {
    this.#store = store
  }

  /** The copy that this process has, however old. */
  cached(clientId: string): PassClient | undefined {
    return this.#built.get(clientId)
  }

  /** The client as it is now. */
  async fresh(provider: Provider, clientId: string): Promise<PassClient | undefined> {
    const snapshot = isClientId(clientId) ? await this.#store.load(clientId) : undefined
    if (!snapshot) {
      this.#built.delete(clientId)
      return undefined
    }
    const known = this.#built.get(clientId)
    if (known?.snapshot.version === snapshot.version && known.snapshot.passId === snapshot.passId)
      return known
    const built = { ...(await this.#build(provider, clientId, snapshot.jwks)), snapshot }
    this.#built.set(clientId, built)
    return built
  }

  /**
   * The client that stands in for one that does not exist. It has no secret and no key, so it is refused exactly where and
   * as a wrong secret or a wrong signature is: nothing tells which ids exist.
   */
  nobody(provider: Provider, clientId: string): Promise<BuiltClient> {
    return this.#build(provider, clientId, null)
  }

  async #build(provider: Provider, clientId: string, jwks: Jwks | null): Promise<BuiltClient> {
    this.#templates ??= buildTemplates(provider)
    const { client, asserting } = await this.#templates
    const keys = new AssertionKeys(jwks?.keys ?? [])
    return {
      client: deriveClient(client, clientId, keys),
      asserting: deriveClient(asserting, clientId, keys),
      keys,
    }
  }
}

async function buildTemplates(provider: Provider): Promise<Templates> {
  const common = {
    client_id: 'template',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  }
  // The library insists on a secret and on a key; what uses them is replaced.
  const [client, asserting] = await Promise.all([
    buildClient(provider, {
      ...common,
      client_secret: randomBytes(32).toString('base64url'),
      token_endpoint_auth_method: 'client_secret_basic',
    }),
    buildClient(provider, {
      ...common,
      jwks: { keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] },
      token_endpoint_auth_method: 'private_key_jwt',
    }),
  ])
  return { client, asserting }
}
