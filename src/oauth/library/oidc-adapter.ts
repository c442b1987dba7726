import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

/** What the adapter needs: how a client-credentials token is saved, found and ended. */
export interface AccessTokenArtifacts {
  save(value: string, payload: AdapterPayload, expiresInSeconds: number): Promise<void>
  find(value: string): Promise<AdapterPayload | undefined>
  destroy(value: string): Promise<void>
}

/**
 * The library's storage. Only client-credentials tokens exist; look-ups of the other kinds, which the library makes
 * for every token that it introspects, cost nothing.
 */
export function createAdapterFactory(accessTokens: AccessTokenArtifacts): AdapterFactory {
  return model => (model === 'ClientCredentials' ? accessTokenAdapter(accessTokens) : absentAdapter(model))
}

function accessTokenAdapter(artifacts: AccessTokenArtifacts): Adapter {
  return {
    ...absentAdapter('ClientCredentials'),
    upsert: (value, payload, expiresIn) => artifacts.save(value, payload, expiresIn ?? 0),
    find: value => artifacts.find(value),
    destroy: value => artifacts.destroy(value),
  }
}

/** The storage of a kind that this server has no use for: nothing is ever found, and nothing can be stored. */
export function absentAdapter(model: string): Adapter {
  const unsupported = async (): Promise<never> => {
    throw new Error(`${model} is not stored by this server`)
  }
  return {
    upsert: unsupported,
    find: async () => undefined,
    findByUserCode: async () => undefined,
    findByUid: async () => undefined,
    consume: unsupported,
    destroy: unsupported,
    revokeByGrantId: async () => {},
  }
}
