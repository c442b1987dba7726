import { Migration } from '@mikro-orm/migrations'

/** Whose invitation an account is of, who made an invitation, who reads on of a deleted organization; events of accounts of their own. */
export class Migration20261127041109_membership_by_consent extends Migration {
  override up(): void {
    this.addSql(
      `create table "organization_tombstones" ("id" uuid not null, "name" text not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "deleted_at" timestamptz(3) not null, primary key ("id"));`,
    )
    this.addSql(
      `create index "organization_tombstones_deleted_at_index" on "organization_tombstones" ("deleted_at");`,
    )

    this.addSql(
      `create table "former_members" ("id" uuid not null, "organization_id" uuid not null, "user_id" uuid not null, "role" text not null, primary key ("id"));`,
    )
    this.addSql(`create index "former_members_user_id_index" on "former_members" ("user_id");`)
    this.addSql(
      `alter table "former_members" add constraint "former_members_organization_id_user_id_unique" unique ("organization_id", "user_id");`,
    )

    this.addSql(
      `create index "audit_events_target_id_created_at_id_index" on "audit_events" ("target_id", "created_at", "id");`,
    )

    // Those that the server or an owner of the instance made, as far as the trail tells, are trusted with addresses.
    this.addSql(`alter table "organizations" add "makes_accounts" boolean not null default false;`)
    this.addSql(`update organizations o set makes_accounts = true
      where o.id = (select id from organizations order by created_at, id limit 1)
        or exists (select from audit_events e where e.organization_id = o.id and e.action = 'organization.create'
          and (e.actor_type = 'system' or e.actor_id in (select user_id::text from members where role = 'OWNER'
            and organization_id = (select id from organizations order by created_at, id limit 1))))`)
    this.addSql(`alter table "organizations" alter column "makes_accounts" drop default;`)

    this.addSql(
      `alter table "invitations" add "invited_by" uuid null, add "declined_at" timestamptz(3) null;`,
    )
    this.addSql(`create index "invitations_email_index" on "invitations" ("email");`)
    this.addSql(`update invitations i set invited_by = e.actor_id::uuid from audit_events e
      where e.target_id = i.id and e.action = 'invitation.create' and e.actor_type = 'user'`)

    this.addSql(`alter table "users" add "vouched_by" uuid null;`)
    // An account that an invitation made is as old as its acceptance.
    this.addSql(`update users u set vouched_by = e.organization_id from audit_events e
      where e.action = 'invitation.accept' and e.actor_type = 'user' and e.actor_id = u.id::text
        and e.created_at between u.created_at and u.created_at + interval '1 minute'
        and e.organization_id <> (select id from organizations order by created_at, id limit 1)`)
    // What happened to an account was noted in each organization of the person: it is theirs, once.
    this.addSql(`delete from audit_events e using audit_events kept
      where e.target_type = 'user' and e.action like 'user.%' and e.action <> 'user.delete'
        and kept.target_type = 'user' and kept.target_id = e.target_id and kept.action = e.action
        and kept.created_at = e.created_at and kept.id < e.id`)
    this.addSql(`update audit_events set organization_id = null
      where target_type = 'user' and action like 'user.%' and action <> 'user.delete'`)
    this.addSql(`update audit_events set client_ip = null where action = 'user.delete'`)

    this.addSql(
      `alter table "former_members" add constraint "former_members_organization_id_foreign" foreign key ("organization_id") references "organization_tombstones" ("id") on delete cascade;`,
    )
    this.addSql(
      `alter table "former_members" add constraint "former_members_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    )
  }

  override down(): void {
    this.addSql(`alter table "former_members" drop constraint "former_members_organization_id_foreign";`)

    this.addSql(`drop table if exists "organization_tombstones" cascade;`)
    this.addSql(`drop table if exists "former_members" cascade;`)

    this.addSql(`drop index "audit_events_target_id_created_at_id_index";`)

    this.addSql(`drop index "invitations_email_index";`)
    this.addSql(`alter table "invitations" drop column "invited_by", drop column "declined_at";`)

    this.addSql(`alter table "organizations" drop column "makes_accounts";`)

    this.addSql(`alter table "users" drop column "vouched_by";`)
  }
}
