import { useState } from "react";
import { SelectField } from "../../components/field.tsx";
import { setSingleKeys, singleKeys } from "../../lib/key-choice.ts";
import { setTheme, THEMES, type Theme, useTheme } from "../../lib/theme.ts";
import { Setting } from "./settings-frame.tsx";

const THEME_LABEL: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

/** What holds on this device only. */
export function LookSetting() {
  const theme = useTheme();
  const [keys, setKeys] = useState(singleKeys);
  return (
    <Setting title="This device" about="Kept in this browser, not in your account.">
      <div className="set-form">
        <SelectField
          label="Theme"
          value={theme}
          options={THEMES.map((one) => ({ value: one, label: THEME_LABEL[one] }))}
          onChange={setTheme}
        />
        <label className="set-check">
          <input
            type="checkbox"
            checked={keys}
            onChange={(event) => {
              setSingleKeys(event.target.checked);
              setKeys(event.target.checked);
            }}
          />
          Single keys act (A allows, D denies, J and K move). Off, only keys with Ctrl or Cmd do.
        </label>
      </div>
    </Setting>
  );
}
