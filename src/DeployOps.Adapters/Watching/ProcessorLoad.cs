using System.Globalization;

namespace DeployOps.Adapters.Watching;

/// <summary>How busy this machine's processors are, from <c>/proc/stat</c>: proc(5).</summary>
internal sealed class ProcessorLoad
{
    private const int Idle = 3;
    private const int WaitsForDisk = 4;
    private (long Busy, long All) before = Ticks();

    /// <summary>How busy they were since this was asked last, 0 to 1; null where no time has passed.</summary>
    internal double? Next()
    {
        var now = Ticks();
        var all = now.All - before.All;
        var busy = all > 0 ? Math.Clamp((double)(now.Busy - before.Busy) / all, 0, 1) : (double?)null;
        before = now;
        return busy;
    }

    // "cpu  user nice system idle iowait irq softirq steal …", in ticks since the machine started.
    private static (long Busy, long All) Ticks()
    {
        var first = File.ReadLines("/proc/stat").First();
        var ticks = first.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var all = ticks.Sum();
        return (all - ticks[Idle] - ticks[WaitsForDisk], all);
    }
}
