/** Where in the server something is. */
export interface Place {
  readonly orgId: string
  readonly projectId: string
}

export function projectPath({ orgId, projectId }: Place): string {
  return `organizations/${orgId}/projects/${projectId}`
}
