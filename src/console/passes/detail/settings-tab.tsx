import { Button, Group, Stack, Text } from '@mantine/core'
import { TrashIcon } from '@primer/octicons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { deletePass, passesChanged, passesKey } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { Section } from '../../shared/section.tsx'
import { tell } from '../../shared/tell.ts'
import { EndWithCreator } from './creator.tsx'
import { LiveTokens } from './live-tokens.tsx'
import { MetadataSection } from './metadata-section.tsx'
import { Secrets } from './secrets.tsx'
import { RevokeButton, ToggleButton } from './switch.tsx'
import { usePass } from './use-pass.ts'

/** Everything that changes, stops or ends a pass. */
export function SettingsTab() {
  const { pass } = usePass()
  const { may } = useOrganization()
  const { active, jwks, secrets } = pass.attributes
  return (
    <Stack>
      <MetadataSection />
      <EndWithCreator />
      {(jwks === null || secrets.length > 0) && <Secrets />}
      {may('passes.revoke') && may('passes.activate') && (
        <Section
          title={active ? 'Stop' : 'Start again'}
          lead={
            active
              ? 'Pausing lets live tokens run to their end; revoking can end them at once. Either can be undone.'
              : 'The pass is switched off. Revoking it once more ends the tokens that its agent still holds.'
          }
          actions={
            <Group gap="sm">
              <ToggleButton />
              <RevokeButton />
            </Group>
          }
        />
      )}
      <LiveTokens />
      {may('passes.delete') && <Deletion />}
    </Stack>
  )
}

function Deletion() {
  const { place, pass } = usePass()
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const navigate = useNavigate()
  const { title } = pass.attributes
  return (
    <Section
      title="Delete"
      lead="The pass, its agent, its secrets and every live token end at once, for good. Its activity can still be read until it is past its time."
      actions={
        <Button color="red" leftSection={<TrashIcon />} onClick={() => setAsking(true)}>
          Delete the pass
        </Button>
      }
    >
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Delete the pass"
        action="Delete for good"
        danger
        typed={title}
        onConfirm={async () => {
          await deletePass(place, pass.id)
          tell(`${title} is deleted.`)
          await navigate({ to: '/organizations/$orgId/projects/$projectId/passes', params: place })
          client.removeQueries({ queryKey: [...passesKey(place), 'one'] })
          await passesChanged(client, place)
        }}
      >
        <Text size="sm">There is no way back: an agent that still needs access gets another pass.</Text>
      </Confirm>
    </Section>
  )
}
