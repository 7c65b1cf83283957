import { defineStrategy } from 'hindcast';

export default defineStrategy({
  parameters: {},
  handleData({ state }) {
    state.asset;
  },
  initialize: ({ asset }) => ({ asset }),
});
