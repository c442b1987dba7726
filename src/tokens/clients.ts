import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type Provider from 'oidc-provider'
import type { ClientSnapshot, ClientStore } from './client.store.ts'
import { buildClient, type Client } from './oidc-internals.ts'

const CLIENTS_KEPT = 20_000
const CLIENT_ID = /^sp_[0-9A-Za-z]{22}$/

/** Whether a value has the form of a client id. One that has not may be a secret in the wrong place: it is kept nowhere. */
export function isClientId(value: string): boolean {
  return CLIENT_ID.test(value)
}

/** A pass as the library's client, and what it was built from. */
export interface BuiltClient {
  readonly client: Client
  readonly snapshot: ClientSnapshot
}

/** The clients of this process, built once for each version of a pass. */
export class Clients {
  readonly #store: Pick<ClientStore, 'load'>
  readonly #built = new LRUCache<string, BuiltClient>({ max: CLIENTS_KEPT })
  #nobody: Promise<Client> | undefined

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
    const built = { client: await buildPassClient(provider, clientId), snapshot }
    this.#built.set(clientId, built)
    return built
  }

  /**
   * The client that stands in for one that does not exist. It has no secret, so it is refused exactly where and
   * as a wrong secret is: nothing tells which ids exist.
   */
  async nobody(provider: Provider): Promise<Client> {
    this.#nobody ??= buildPassClient(provider, 'nobody')
    return this.#nobody
  }
}

async function buildPassClient(provider: Provider, clientId: string): Promise<Client> {
  return buildClient(provider, {
    client_id: clientId,
    // The library insists on one; the comparison that uses it is replaced, and it never leaves this object.
    client_secret: randomBytes(32).toString('base64url'),
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  })
}
