import type { SigningAlgorithm } from '../platform/config.ts'
import type { TokenFormat } from '../resource-servers/token-format.ts'

/** Whose a token is to be: what is said of its pass. */
export interface TokenClient {
  readonly clientId: string
  readonly epoch: number
  readonly agentUserId: string
  readonly projectId: string
  readonly organizationId: string
  readonly tokenFormat: TokenFormat
}

/** Whom a token is to be for, and what its owner wants of it. */
export interface TokenTarget {
  /** As its owner writes it: the audience of its tokens. */
  readonly resource: string
  readonly tokenFormat: TokenFormat | null
  readonly signingAlg: SigningAlgorithm | null
}

/** Where a project is, which is the audience of its signed tokens that are for nobody else. */
export function projectUrl(
  apiBaseUrl: string,
  { organizationId, projectId }: Pick<TokenClient, 'organizationId' | 'projectId'>,
): string {
  return `${apiBaseUrl}/organizations/${organizationId}/projects/${projectId}`
}
