import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../src/profiling/places.js';
import { renderReport } from '../../../src/report/html-report.js';
import { sampleProfile } from '../../helpers/call-trees.js';
import { sampleBacktest } from '../../helpers/report-models.js';

describe('the profile of a run on its page', () => {
  const page = renderReport(sampleBacktest({ profile: { ...sampleProfile(), placeOf, remarks: ['<once> & again'] } }));
  const section = page.slice(page.indexOf('id="profile"'), page.indexOf('</section>', page.indexOf('id="profile"')));

  it('is a flame graph without style or script, and the ten dearest functions', () => {
    expect(section).toMatch(/<svg [^>]*aria-label="Time at work"/);
    expect(section).not.toMatch(/<style|<script|style="/);
    expect(section.match(/<tr>/g)).toHaveLength(1 + 10);
    expect(section).toContain(
      '<tr><td>step11</td><td>/made/up.js:1</td><td class="num">12.0</td><td class="num">15.4 %</td>',
    );
    expect(section).toContain('<p class="caption">&lt;once&gt; &amp; again</p>');
  });

  it('is left out where none was made', () => {
    expect(renderReport(sampleBacktest())).not.toContain('id="profile"');
  });
});
