import type { TestProject, TestServer } from './server.ts'

/** A resource server as the API answers it. */
export interface TestResource {
  readonly id: string
  readonly attributes: Record<string, unknown>
  /** Its own address in the API. */
  readonly path: string
}

/** Registers a resource over the API, and vouches for it as its metadata would. */
export async function createResource(
  server: TestServer,
  project: TestProject,
  attributes: Record<string, unknown>,
): Promise<TestResource> {
  const answer = await server.http
    .post(`${project.path}/resource_servers`)
    .set('Api-Key', project.apiKey)
    .send({ data: { attributes } })
  if (answer.status !== 201) throw new Error(`register answered ${answer.status}: ${answer.text}`)
  const { id } = answer.body.data
  await server.deps.database.query(
    'update resource_servers set verified_at = created_at where id = $1 and verified_at is null',
    [id],
  )
  return { id, attributes: answer.body.data.attributes, path: `${project.path}/resource_servers/${id}` }
}
