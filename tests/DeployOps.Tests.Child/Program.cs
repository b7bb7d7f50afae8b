using System.Globalization;
using DeployOps.Tests.Child;

// A process that tests start, stop, kill and break; each of its jobs is told on the standard input and answered on the standard output.
switch (args)
{
    case ["append", .. var folders]:
        await Appender.AppendEachAsync(folders);
        break;
    case ["append at once", var folder, var count]:
        await Appender.AppendAtOnceAsync(folder, int.Parse(count, CultureInfo.InvariantCulture));
        break;
    case ["cut", var folder]:
        await Appender.CutAtEachByteAsync(folder);
        break;
    case ["race", var name]:
        await LockTaker.RaceAsync(name);
        break;
    case ["hold", var folder, var journal]:
        await LockTaker.HoldAsync(folder, journal);
        break;
    case ["make", var folder]:
        Appender.MakeFolder(folder);
        break;
    case ["migrate", var kind, var folder]:
        await Migrator.RunAsync(kind, folder);
        break;
    default:
        throw new ArgumentException($"This is no job: {string.Join(' ', args)}");
}
