import type { ClientSnapshot } from './client.store.ts'

/** The passes that this process keeps a copy of. */
export interface KnownClients {
  /** The copy that this process has, however old. */
  cached(clientId: string): { readonly snapshot: ClientSnapshot } | undefined
}
