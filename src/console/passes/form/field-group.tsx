import { Fieldset, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** Fields that belong together. */
export function FieldGroup({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Fieldset
      variant="unstyled"
      legend={
        <Text span fw={650}>
          {name}
        </Text>
      }
    >
      {children}
    </Fieldset>
  )
}
