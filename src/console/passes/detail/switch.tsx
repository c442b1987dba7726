import { Button, Checkbox, Stack, Text } from '@mantine/core'
import { PlayIcon, SquareIcon, StopIcon } from '@primer/octicons-react'
import { useState } from 'react'
import { activatePass, revokePass } from '../../api/passes.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { tell } from '../../shared/tell.ts'
import { usePass } from './use-pass.ts'

/** Turns the pass off for a while: no new tokens, and live ones run to their end; or on again. */
export function ToggleButton() {
  const { pass } = usePass()
  return pass.attributes.active ? <PauseButton /> : <ActivateButton />
}

function PauseButton() {
  const { place, pass, change } = usePass()
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button variant="default" leftSection={<SquareIcon />} onClick={() => setAsking(true)}>
        Pause
      </Button>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Pause the pass"
        action="Pause"
        onConfirm={async () => {
          await change(() => revokePass(place, pass.id, false))
          tell(`${pass.attributes.title} is paused.`)
        }}
      >
        Its agent is granted no new tokens from now on. Tokens that it has run to their end, which is minutes
        away. Configuration and history stay, and it can be activated again.
      </Confirm>
    </>
  )
}

function ActivateButton() {
  const { place, pass, change } = usePass()
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button leftSection={<PlayIcon />} onClick={() => setAsking(true)}>
        Activate
      </Button>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Activate the pass"
        action="Activate"
        onConfirm={async () => {
          await change(() => activatePass(place, pass.id))
          tell(`${pass.attributes.title} is active.`)
        }}
      >
        Its agent is granted tokens again, with the credentials that it has.
      </Confirm>
    </>
  )
}

/** Turns the pass off, and ends its live tokens unless told otherwise. */
export function RevokeButton() {
  const { place, pass, change } = usePass()
  const [asking, setAsking] = useState(false)
  const [tokens, setTokens] = useState(true)
  return (
    <>
      <Button color="red" variant="outline" leftSection={<StopIcon />} onClick={() => setAsking(true)}>
        Revoke
      </Button>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Revoke the pass"
        action="Revoke"
        danger
        onConfirm={async () => {
          await change(() => revokePass(place, pass.id, tokens))
          tell(`${pass.attributes.title} is revoked.`)
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            Its agent is granted no new tokens. Configuration and history stay, and it can be activated again.
          </Text>
          <Checkbox
            label="End live tokens now"
            description="What the agent still holds is refused at the very next call."
            checked={tokens}
            onChange={event => setTokens(event.currentTarget.checked)}
          />
        </Stack>
      </Confirm>
    </>
  )
}
