import { defineStrategy } from 'hindcast';

export default defineStrategy({
  parameters: {},
  handleData({ asset }, data) {
    data.history(asset, 'close', 5, '1d', { returnType: 'array' }).sort();
  },
});
