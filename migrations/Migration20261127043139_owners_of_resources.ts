import { Migration } from '@mikro-orm/migrations'
import { parseResourceUri } from '../src/resource-servers/resource-uri.ts'

/** What is this server's own, below whatever address it has: it gets no owner. */
const OWN_API = /(?:^|\/)v1\/api(?:$|\/organizations(?:$|\/))/

interface Listed {
  readonly project: string
  readonly resource: string
}

/**
 * What passes of the operator's own organization could name as `resource` before there were owners becomes a resource
 * server of the project whose pass was the first to list it, shared where other projects list it too: their agents go on.
 * Other organizations register and verify theirs.
 */
export class Migration20261127043139_owners_of_resources extends Migration {
  override name = 'Migration20261127043139_owners_of_resources'

  override async up(): Promise<void> {
    const rows = await this.execute(
      `select p.project_id::text as project, r.resource from passes p join projects j on j.id = p.project_id,
         unnest(p.resources) with ordinality as r(resource, place)
       where j.organization_id = (select id from organizations order by created_at, id limit 1)
       order by p.created_at, p.id, r.place`,
    )
    const owners = new Map<string, Listed & { shared: boolean; origin: string }>()
    for (const row of rows) {
      const listed = { project: String(row.project), resource: String(row.resource) }
      const parsed = parseResourceUri(listed.resource)
      if (!parsed || OWN_API.test(parsed.path.join('/'))) continue
      const owner = owners.get(parsed.uri)
      if (!owner) owners.set(parsed.uri, { ...listed, shared: false, origin: parsed.origin })
      else {
        if (owner.project !== listed.project) owner.shared = true
        await this.#spellAs(owner.resource, listed.resource)
      }
    }
    for (const [uri, { project, resource, shared, origin }] of owners)
      await this.execute(
        `insert into resource_servers (id, project_id, resource, uri, origin, title, scopes, shared, verified_at,
           version, created_at, updated_at)
         values (gen_random_uuid(), ?::uuid, ?, ?, ?, ?, '[]', ?, current_timestamp, 1, current_timestamp, current_timestamp)`,
        [project, resource, uri, origin, [...resource].slice(0, 100).join(''), shared],
      )
  }

  override async down(): Promise<void> {
    await this.execute('delete from resource_servers')
  }

  /** A resource is listed as its owner writes it. */
  async #spellAs(owners: string, other: string): Promise<void> {
    if (owners === other) return
    await this.execute(
      `update passes set resources = array_replace(resources, ?, ?) where project_id in (
         select id from projects
         where organization_id = (select id from organizations order by created_at, id limit 1))`,
      [other, owners],
    )
  }
}
