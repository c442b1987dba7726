import type { TestCredentials, TestProject, TestServer } from './server.ts'

/** The places of the faults of a `validation_failed` answer, each once, sorted. */
export function pointersOf(body: { errors?: { pointer?: string; parameter?: string }[] }): string[] {
  const places = (body.errors ?? []).map(fault => fault.pointer ?? fault.parameter ?? 'neither')
  return [...new Set(places)].sort()
}

/** The management of one project's passes over the API. @param headers the credential; the project's key when not given */
export function managementOf(
  server: TestServer,
  project: TestProject,
  headers: Record<string, string> = { 'Api-Key': project.apiKey },
) {
  const { http } = server
  const passes = `${project.path}/sentinel_passes`
  return {
    create: (fields: Record<string, unknown>) =>
      http
        .post(passes)
        .set(headers)
        .send({ sentinelPass: { title: 'Test agent', ...fields } }),
    list: (query: Record<string, unknown> = {}) => http.get(passes).set(headers).query(query),
    read: (id: string) => http.get(`${passes}/${id}`).set(headers),
    update: (id: string, fields: Record<string, unknown>) =>
      http.put(`${passes}/${id}`).set(headers).send({ sentinelPass: fields }),
    delete: (id: string) => http.delete(`${passes}/${id}`).set(headers),
    act: (id: string, act: 'rotate_key' | 'revoke' | 'activate', body?: object) => {
      const post = http.post(`${passes}/${id}/${act}`).set(headers)
      return body === undefined ? post : post.send(body)
    },
  }
}

/** A token request of a pass, answered with whatever status. */
export function requestToken(server: TestServer, credentials: TestCredentials, scope?: string) {
  return server.http
    .post('/v1/api/oauth/token')
    .auth(credentials.clientId, credentials.clientSecret)
    .type('form')
    .send({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
}

/** What introspection says of a token to its project's API key; it counts as no use of the pass. */
export async function introspect(server: TestServer, project: TestProject, token: string) {
  const answer = await server.http
    .post('/v1/api/oauth/introspect')
    .set('Authorization', `Bearer ${project.apiKey}`)
    .type('form')
    .send({ token })
  if (answer.status !== 200) throw new Error(`introspection answered ${answer.status}: ${answer.text}`)
  return answer.body
}
