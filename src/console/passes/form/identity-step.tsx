import { Textarea, TextInput } from '@mantine/core'
import { agentTypeOf, usePassFormContext } from './pass-form.ts'

/** Whose pass it is. */
export function IdentityStep() {
  const form = usePassFormContext()
  const { title, agentType } = form.values
  const name = form.getInputProps('title')
  const type = form.getInputProps('agentType')
  return (
    <>
      <TextInput
        {...name}
        label="Agent name"
        description="Letters, digits and spaces, such as My Sourcing Agent. Metrics and logs show it."
        required
        maxLength={100}
        autoComplete="off"
        onChange={event => {
          const typed = event.currentTarget.value
          // The type goes along until it is one of its own.
          if (agentType === agentTypeOf(title)) form.setFieldValue('agentType', agentTypeOf(typed))
          form.setFieldValue('title', typed)
        }}
      />
      <TextInput
        {...type}
        label="Agent type"
        description="Follows the name until you change it; agents that do the same can share one."
        required
        maxLength={100}
        autoComplete="off"
        onChange={event => form.setFieldValue('agentType', agentTypeOf(event.currentTarget.value, true))}
        onBlur={event => {
          form.setFieldValue('agentType', agentTypeOf(event.currentTarget.value))
          type.onBlur?.(event)
        }}
      />
      <Textarea
        {...form.getInputProps('description')}
        label="Description"
        description="What the agent does, for those who find its pass later."
        maxLength={2000}
        autosize
        minRows={3}
        maxRows={10}
      />
    </>
  )
}
