// The pictures in docs/management.md, by the fake: `tests/web/run --pictures docs/images`. The same
// figures and the same time of day each time.

import path from 'node:path';

import { FakeApi, tokens } from './fake_api.mjs';
import { button, rowsOf, status, titleOf } from './harness.mjs';

const noon = new Date('2026-03-04T12:04:31Z');

const wanted = [
  { name: 'web-overview', section: 'overview', width: 1120, height: 720, scheme: 'light' },
  { name: 'web-request', section: 'requests', width: 1120, height: 660, scheme: 'dark', press: 'Details of request 1f03c' },
];

export async function takePictures(chromium, folder) {
  for (const { name, section, width, height, scheme, press } of wanted) {
    const api = await FakeApi.start(noon);
    const context = await chromium.newContext({ viewport: { width, height }, colorScheme: scheme, timezoneId: 'UTC', reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.clock.setFixedTime(noon);
    await page.goto(`${api.url}/#token=${tokens.operator}`);
    await status(page, 'live').waitFor();
    await page.evaluate((to) => (location.hash = to), section);
    await rowsOf(page, titleOf(section)).first().waitFor();
    if (press) {
      await button(page, press).click();
      await page.getByRole('dialog').getByText('home of this conversation').waitFor();
    }
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
    await context.close();
    await api.close();
  }
}
