import type { Migration } from '@mikro-orm/migrations'
import { Migration20261121000000_initial } from './Migration20261121000000_initial.ts'
import { Migration20261121000001_record_batch } from './Migration20261121000001_record_batch.ts'
import { Migration20261121090442_signing_key_rotation } from './Migration20261121090442_signing_key_rotation.ts'
import { Migration20261121093416_people } from './Migration20261121093416_people.ts'
import { Migration20261121094254_revoked_tokens } from './Migration20261121094254_revoked_tokens.ts'
import { Migration20261121095010_idempotency_and_retention } from './Migration20261121095010_idempotency_and_retention.ts'
import { Migration20261121111748_audit_retention } from './Migration20261121111748_audit_retention.ts'
import { Migration20261121190000_ended_tokens } from './Migration20261121190000_ended_tokens.ts'
import { Migration20261121203434_deleted_projects } from './Migration20261121203434_deleted_projects.ts'
import { Migration20261121214500_quick_checks } from './Migration20261121214500_quick_checks.ts'
import { Migration20261127040000_sealed_tokens } from './Migration20261127040000_sealed_tokens.ts'
import { Migration20261127041109_membership_by_consent } from './Migration20261127041109_membership_by_consent.ts'
import { Migration20261127041230_untold_methods } from './Migration20261127041230_untold_methods.ts'
import { Migration20261127042000_totals_behind_a_mark } from './Migration20261127042000_totals_behind_a_mark.ts'
import { Migration20261127042101_organization_keys } from './Migration20261127042101_organization_keys.ts'
import { Migration20261127043000_creators_of_passes } from './Migration20261127043000_creators_of_passes.ts'
import { Migration20261127043138_resource_servers } from './Migration20261127043138_resource_servers.ts'
import { Migration20261127043139_owners_of_resources } from './Migration20261127043139_owners_of_resources.ts'
import { Migration20261127043437_sign_in } from './Migration20261127043437_sign_in.ts'
import { Migration20261127044000_rollups_in_one_function } from './Migration20261127044000_rollups_in_one_function.ts'
import { Migration20261127044100_write_probes } from './Migration20261127044100_write_probes.ts'

interface NamedMigration {
  readonly name: string
  readonly class: new (...parameters: ConstructorParameters<typeof Migration>) => Migration
}

/** Every migration, oldest first. A merged one is never edited. */
export const migrationList: NamedMigration[] = [
  { name: 'Migration20261121000000_initial', class: Migration20261121000000_initial },
  { name: 'Migration20261121000001_record_batch', class: Migration20261121000001_record_batch },
  {
    name: 'Migration20261121090442_signing_key_rotation',
    class: Migration20261121090442_signing_key_rotation,
  },
  { name: 'Migration20261121093416_people', class: Migration20261121093416_people },
  { name: 'Migration20261121094254_revoked_tokens', class: Migration20261121094254_revoked_tokens },
  {
    name: 'Migration20261121095010_idempotency_and_retention',
    class: Migration20261121095010_idempotency_and_retention,
  },
  { name: 'Migration20261121111748_audit_retention', class: Migration20261121111748_audit_retention },
  { name: 'Migration20261121190000_ended_tokens', class: Migration20261121190000_ended_tokens },
  { name: 'Migration20261121203434_deleted_projects', class: Migration20261121203434_deleted_projects },
  { name: 'Migration20261121214500_quick_checks', class: Migration20261121214500_quick_checks },
  { name: 'Migration20261127040000_sealed_tokens', class: Migration20261127040000_sealed_tokens },
  {
    name: 'Migration20261127041109_membership_by_consent',
    class: Migration20261127041109_membership_by_consent,
  },
  { name: 'Migration20261127041230_untold_methods', class: Migration20261127041230_untold_methods },
  {
    name: 'Migration20261127042000_totals_behind_a_mark',
    class: Migration20261127042000_totals_behind_a_mark,
  },
  { name: 'Migration20261127042101_organization_keys', class: Migration20261127042101_organization_keys },
  { name: 'Migration20261127043000_creators_of_passes', class: Migration20261127043000_creators_of_passes },
  { name: 'Migration20261127043138_resource_servers', class: Migration20261127043138_resource_servers },
  { name: 'Migration20261127043139_owners_of_resources', class: Migration20261127043139_owners_of_resources },
  { name: 'Migration20261127043437_sign_in', class: Migration20261127043437_sign_in },
  {
    name: 'Migration20261127044000_rollups_in_one_function',
    class: Migration20261127044000_rollups_in_one_function,
  },
  { name: 'Migration20261127044100_write_probes', class: Migration20261127044100_write_probes },
]
