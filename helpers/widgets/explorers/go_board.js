export default function render() { return () => {}; }
