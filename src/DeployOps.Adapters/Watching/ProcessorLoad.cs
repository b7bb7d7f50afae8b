using System.Globalization;

namespace DeployOps.Adapters.Watching;

/// <summary>How busy a machine's processors are, from the first line of its <c>/proc/stat</c>: proc(5).</summary>
internal sealed class ProcessorLoad
{
    private const int Idle = 3;
    private const int WaitsForDisk = 4;
    private (long Busy, long All) before;

    /// <summary>Begins to measure this machine.</summary>
    internal ProcessorLoad()
        : this(Here())
    {
    }

    /// <summary>Begins to measure a machine.</summary>
    /// <param name="line">What its file begins with now.</param>
    internal ProcessorLoad(string line) => before = Ticks(line);

    /// <summary>How busy this machine's were since this was asked last, 0 to 1; null where no time has passed.</summary>
    internal double? Next() => Next(Here());

    /// <summary>How busy a machine's were since this was asked last, 0 to 1; null where no time has passed.</summary>
    /// <param name="line">What its file begins with now.</param>
    internal double? Next(string line)
    {
        var now = Ticks(line);
        var all = now.All - before.All;
        var busy = all > 0 ? Math.Clamp((double)(now.Busy - before.Busy) / all, 0, 1) : (double?)null;
        before = now;
        return busy;
    }

    // "cpu  user nice system idle iowait irq softirq steal …", in ticks since the machine started.
    private static (long Busy, long All) Ticks(string line)
    {
        var ticks = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var all = ticks.Sum();
        return (all - ticks[Idle] - ticks[WaitsForDisk], all);
    }

    private static string Here() => File.ReadLines("/proc/stat").First();
}
