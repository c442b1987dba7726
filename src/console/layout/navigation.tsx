import { Divider, ScrollArea, Select, Stack } from '@mantine/core'
import {
  BriefcaseIcon,
  GearIcon,
  GraphIcon,
  IdBadgeIcon,
  KeyIcon,
  LogIcon,
  OrganizationIcon,
  PeopleIcon,
  ServerIcon,
} from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { may } from '../api/access.ts'
import type { AccountResource } from '../api/account.ts'
import { projectsQuery } from '../api/organizations.ts'
import { LinkNav } from '../shared/links.tsx'

/** Which organization and project, and their pages. */
export function Navigation({ account }: { readonly account: AccountResource }) {
  const navigate = useNavigate()
  const { orgId, projectId } = useParams({ strict: false })
  const { organizations, deletedOrganizations } = account.attributes
  const gone = deletedOrganizations.find(one => one.id === orgId)
  const organization = organizations.find(one => one.id === orgId) ?? gone
  const projects = useQuery({ ...projectsQuery(orgId ?? ''), enabled: organization !== undefined })
  return (
    <ScrollArea type="auto">
      <Stack gap="xs">
        <Select
          label="Organization"
          data={[
            ...organizations.map(({ id, name }) => ({ value: id, label: name })),
            ...(gone ? [{ value: gone.id, label: `${gone.name} (deleted)` }] : []),
          ]}
          value={organization?.id ?? null}
          placeholder="Choose one"
          allowDeselect={false}
          leftSection={<OrganizationIcon />}
          onChange={id => id && void navigate({ to: '/organizations/$orgId', params: { orgId: id } })}
        />
        {organization && (
          <>
            {!gone && (
              <Select
                label="Project"
                data={
                  projects.data?.map(({ id, attributes }) => ({ value: id, label: attributes.name })) ?? []
                }
                value={projectId ?? null}
                placeholder={projects.data?.length === 0 ? 'None yet' : 'Choose one'}
                allowDeselect={false}
                leftSection={<BriefcaseIcon />}
                onChange={id =>
                  id &&
                  void navigate({
                    to: '/organizations/$orgId/projects/$projectId',
                    params: { orgId: organization.id, projectId: id },
                  })
                }
              />
            )}
            {projectId && (
              <ProjectPages
                orgId={organization.id}
                projectId={projectId}
                keys={may(organization.role, 'api_keys.list')}
                deleted={projects.data?.every(({ id }) => id !== projectId) ?? false}
              />
            )}
            <Divider my="xs" label="Organization" labelPosition="left" />
            <nav aria-label="Organization">
              {!gone && (
                <LinkNav
                  to="/organizations/$orgId/members"
                  params={{ orgId: organization.id }}
                  label="Members"
                  leftSection={<PeopleIcon />}
                />
              )}
              {!gone && may(organization.role, 'organization_api_keys.list') && (
                <LinkNav
                  to="/organizations/$orgId/api-keys"
                  params={{ orgId: organization.id }}
                  label="API keys"
                  leftSection={<KeyIcon />}
                />
              )}
              {may(organization.role, 'organizations.audit_events') && (
                <LinkNav
                  to="/organizations/$orgId/audit"
                  params={{ orgId: organization.id }}
                  label="Audit"
                  leftSection={<LogIcon />}
                />
              )}
              <LinkNav
                to="/organizations/$orgId/settings"
                params={{ orgId: organization.id }}
                label="Projects and settings"
                leftSection={<GearIcon />}
              />
            </nav>
          </>
        )}
      </Stack>
    </ScrollArea>
  )
}

function ProjectPages({ orgId, projectId, keys, deleted }: ProjectPagesProps) {
  const params = { orgId, projectId }
  return (
    <nav aria-label="Project">
      <LinkNav
        to="/organizations/$orgId/projects/$projectId"
        params={params}
        activeOptions={{ exact: true }}
        label="Overview"
        leftSection={<GraphIcon />}
      />
      {!deleted && (
        <LinkNav
          to="/organizations/$orgId/projects/$projectId/passes"
          params={params}
          label="Passes"
          leftSection={<IdBadgeIcon />}
        />
      )}
      {!deleted && (
        <LinkNav
          to="/organizations/$orgId/projects/$projectId/resource-servers"
          params={params}
          label="Resource servers"
          leftSection={<ServerIcon />}
        />
      )}
      {!deleted && keys && (
        <LinkNav
          to="/organizations/$orgId/projects/$projectId/api-keys"
          params={params}
          label="API keys"
          leftSection={<KeyIcon />}
        />
      )}
      <LinkNav
        to="/organizations/$orgId/projects/$projectId/audit"
        params={params}
        label="Audit"
        leftSection={<LogIcon />}
      />
      {!deleted && (
        <LinkNav
          to="/organizations/$orgId/projects/$projectId/settings"
          params={params}
          label="Settings"
          leftSection={<GearIcon />}
        />
      )}
    </nav>
  )
}

interface ProjectPagesProps {
  readonly orgId: string
  readonly projectId: string
  /** Whether API keys are shown to the role. */
  readonly keys: boolean
  /** Whether the project is gone: there is what was done in it, and nothing to do. */
  readonly deleted: boolean
}
