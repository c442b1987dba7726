import { Button, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useOrganization } from '../../layout/where.ts'
import { Facts } from '../../shared/facts.tsx'
import { fromLocalInput } from '../../shared/local-time.ts'
import { When } from '../../shared/when.tsx'
import { type AccessLevels, inWords, useAccessLevels } from '../access-levels.ts'
import { type PassValues, usePassFormContext } from '../form/pass-form.ts'
import {
  ACCESS_LEVEL_LABELS,
  CREDENTIAL_TYPE_LABELS,
  TOKEN_FORMAT_LABELS,
  USAGE_TYPE_LABELS,
} from '../labels.ts'

/** All that the pass will be, before it is. @param onEdit goes back to a step */
export function ReviewStep({ onEdit }: { readonly onEdit: (step: 0 | 1) => void }) {
  const { values } = usePassFormContext()
  const levels = useAccessLevels()
  const { name: organization } = useOrganization()
  return (
    <>
      <Part title="Identity" onEdit={() => onEdit(0)}>
        {{
          'Agent name': values.title,
          'Agent type': (
            <Text span ff="monospace" size="sm">
              {values.agentType}
            </Text>
          ),
          Description: values.description || <None>None</None>,
        }}
      </Part>
      <Part title="Basics" onEdit={() => onEdit(1)}>
        {{
          'Pass ID': values.passId || <None>Generated</None>,
          Organization: values.organization || organization,
          'Usage type': USAGE_TYPE_LABELS[values.usageType],
          'Credential type': CREDENTIAL_TYPE_LABELS[values.credentialType],
          Tags: listed(values.tags),
        }}
      </Part>
      <Part title="Validity" onEdit={() => onEdit(1)}>
        {{
          'Valid from': <When at={fromLocalInput(values.validFrom) ?? null} />,
          'Valid until': values.neverExpires ? (
            'Never expires'
          ) : (
            <When at={fromLocalInput(values.validUntil) ?? null} />
          ),
        }}
      </Part>
      <Part title="Access" onEdit={() => onEdit(1)}>
        {{
          'Access level': ACCESS_LEVEL_LABELS[values.accessLevel],
          Permissions: listed(values.permissions),
          Scopes: values.scopes.length > 0 ? listed(values.scopes) : <None>The permissions</None>,
        }}
      </Part>
      <Part title="Advanced" onEdit={() => onEdit(1)}>
        {advancedFacts(values, levels)}
      </Part>
    </>
  )
}

function advancedFacts(values: PassValues, levels: AccessLevels): Record<string, ReactNode> {
  const { tokenFormat, tokenTtl, accessLevel, resources, allowedIps, allowedReferers } = values
  const { entityType, entityId, integrationNotes } = values
  const seconds = typeof tokenTtl === 'number' ? tokenTtl : levels[accessLevel].maxTokenTtlSeconds
  return {
    'Token format': TOKEN_FORMAT_LABELS[tokenFormat],
    'Token lifetime': inWords(seconds),
    'Allowed IP addresses': allowedIps.length > 0 ? listed(allowedIps) : <None>Any</None>,
    'Allowed referers': allowedReferers.length > 0 ? listed(allowedReferers) : <None>Any</None>,
    Resources: listed(resources),
    Credential: values.jwks.trim() ? 'Its own keys, no secret' : 'A secret',
    'Made for': entityType || entityId ? `${entityType || 'project'} ${entityId}` : 'This project',
    'Integration notes': integrationNotes || <None>None</None>,
  }
}

function listed(values: readonly string[]): ReactNode {
  return values.length > 0 ? values.join(', ') : <None>None</None>
}

/** What nobody chose. */
function None({ children }: { readonly children: string }) {
  return (
    <Text span size="sm" c="dimmed">
      {children}
    </Text>
  )
}

function Part({ title, onEdit, children }: PartProps) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Group gap="xs">
        <Title order={3} size="h5">
          {title}
        </Title>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={`Edit ${title.toLowerCase()}`}
          onClick={onEdit}
        >
          Edit
        </Button>
      </Group>
      <Facts of={children} />
    </Stack>
  )
}

interface PartProps {
  readonly title: string
  readonly onEdit: () => void
  readonly children: Readonly<Record<string, ReactNode>>
}
