import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { overfittingWords } from '../../../src/validate/overfitting-findings.js';
import { type StudyReturns, studyOverfitting } from '../../../src/validate/study-overfitting.js';

/** Returns of trials: noise, of which the first has a drift in units of its deviation. */
function study(trials: number, sessions: number, drift = 0, seed = 1): StudyReturns {
  const random = SeededRandom.derive(seed, 'study');
  const series = Array.from({ length: trials }, (_, trial) =>
    Float64Array.from({ length: sessions }, () => 0.01 * (random.normal() + (trial === 0 ? drift : 0))),
  );
  const sums = series.map((returns) => returns.reduce((sum, value) => sum + value, 0));
  const best = sums.indexOf(Math.max(...sums));
  return { trials, best, bestReturns: series[best]!, series, sessionsPerYear: 252 };
}

describe('a study', () => {
  it('over noise is called luck', () => {
    const found = studyOverfitting(study(60, 500))!;
    expect(found.deflatedSharpe).toBeLessThan(0.95);
    expect(found.effective!.count).toBe(60);
    expect(found.looked).toBe(60);
    expect(overfittingWords(found).verdict).toContain('Luck can explain the best of 60 trials');
  });

  it('with an edge is not, and every number has its words', () => {
    const found = studyOverfitting(study(60, 1000, 0.25))!;
    expect(found.deflatedSharpe).toBeGreaterThan(0.99);
    expect(found.crossValidation!.pbo).toBeLessThan(0.05);
    expect(found.crossValidation!.splits).toBe(12_870);
    const { verdict, findings } = overfittingWords(found);
    expect(verdict).toContain('Luck alone is an unlikely explanation');
    expect(findings.map(({ name }) => name)).toEqual([
      ...['deflatedSharpe', 'deflatedSharpeEffective', 'probabilisticSharpe', 'minimumTrackRecord', 'haircutSharpe'],
      ...['pbo', 'degradation', 'probabilityOfLoss', 'dominance', 'spa', 'realityCheck'],
    ]);
    for (const { label, value, says, saysNot } of findings) {
      for (const text of [label, value, says, saysNot]) expect(text).not.toMatch(/NaN|undefined|Infinity|^$/);
      expect(says).toMatch(/\.$/);
      expect(saysNot).toMatch(/\.$/);
    }
  });

  it('with ten times the trials gets a lower deflated Sharpe ratio', () => {
    const small = study(30, 600, 0.12);
    const more = study(300, 600, 0.12);
    // The same best trial, chosen from ten times as many.
    const large = {
      ...more,
      best: 0,
      bestReturns: small.bestReturns,
      series: [...small.series, ...more.series.slice(30)],
    };
    const [few, many] = [studyOverfitting(small)!, studyOverfitting(large)!];
    expect(few.sample).toEqual(many.sample);
    expect(many.deflatedSharpe).toBeLessThan(few.deflatedSharpe);
    expect(many.haircut.bonferroni.p).toBeGreaterThan(few.haircut.bonferroni.p);
  });

  it('whose trials all earn alike earns, and choosing adds nothing', () => {
    const random = SeededRandom.derive(5);
    const common = Float64Array.from({ length: 800 }, () => 0.01 * (random.normal() + 0.3));
    const series = Array.from({ length: 20 }, () => common.map((value) => value + 0.002 * random.normal()));
    const found = studyOverfitting({ trials: 20, best: 0, bestReturns: series[0]!, series, sessionsPerYear: 252 })!;
    expect(found.effective!.clusters).toBeLessThanOrEqual(20);
    const words = overfittingWords({ ...found, crossValidation: { ...found.crossValidation!, pbo: 0.7 } });
    expect(words.verdict).toContain('choosing the best of them adds nothing');
  });

  it('of one trial, or of few sessions, says what there is to say', () => {
    const one = studyOverfitting(study(1, 300))!;
    expect(one).toMatchObject({ effective: undefined, crossValidation: undefined });
    expect(one.deflatedSharpe).toBe(one.probabilisticSharpe);
    expect(overfittingWords(one).verdict).toContain('One trial');
    expect(overfittingWords(studyOverfitting(study(1, 900, 0.5))!).verdict).toContain('nothing to deflate');
    const short = studyOverfitting(study(5, 40))!;
    expect(short.crossValidation!.blocks).toBe(10);
    expect(studyOverfitting(study(5, 12))!.crossValidation).toBeUndefined();
    expect(studyOverfitting({ ...study(2, 50), bestReturns: new Float64Array(50) })).toBeUndefined();
  });

  it('that loses needs no track record', () => {
    const random = SeededRandom.derive(9);
    const returns = Float64Array.from({ length: 200 }, () => 0.01 * (random.normal() - 0.5));
    const losing = studyOverfitting({ trials: 1, best: 0, bestReturns: returns, series: [], sessionsPerYear: 252 })!;
    expect(losing.minimumTrackRecord).toBeUndefined();
    expect(overfittingWords(losing).findings.find(({ name }) => name === 'minimumTrackRecord')!.value).toBe(
      'none is long enough',
    );
  });
});
