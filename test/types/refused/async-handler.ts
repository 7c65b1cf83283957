import { defineStrategy } from 'hindcast';

export default defineStrategy({
  parameters: {},
  async handleData() {},
});
