using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Exchange.Invoicing;

/// <summary>A picture on the canvas.</summary>
internal sealed unsafe partial class Canvas
{
    /// <exception cref="RefusedException">It is no PNG that Cairo reads.</exception>
    public void Picture(byte[] png, string alt, double x, double y, double width, double height)
    {
        using var bytes = new MemoryStream(png, writable: false);
        var handle = GCHandle.Alloc(bytes);
        var picture = FromPng(&Read, GCHandle.ToIntPtr(handle));
        try
        {
            if (SurfaceStatus(picture) != 0)
            {
                throw new RefusedException(new("settings/logo", "The logo is no PNG that can be printed."));
            }

            var scale = Math.Min(width / PictureWidth(picture), height / PictureHeight(picture));
            Save(_context);
            Translate(_context, x, y);
            Scale(_context, scale, scale);
            SetSource(_context, picture, 0, 0);
            _alts.Add(alt); // Cairo has no tag around a picture: the file says it at its end.
            Paint(_context);
            Restore(_context);
        }
        finally
        {
            DestroySurface(picture);
            handle.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint closure, byte* data, uint length)
    {
        const int EndOfFile = 10; // CAIRO_STATUS_READ_ERROR
        var bytes = (MemoryStream)GCHandle.FromIntPtr(closure).Target!;
        return bytes.Read(new Span<byte>(data, (int)length)) == length ? 0 : EndOfFile;
    }

    [LibraryImport(Cairo, EntryPoint = "cairo_image_surface_create_from_png_stream")]
    private static partial nint FromPng(delegate* unmanaged[Cdecl]<nint, byte*, uint, int> read, nint closure);

    [LibraryImport(Cairo, EntryPoint = "cairo_image_surface_get_width")]
    private static partial int PictureWidth(nint surface);

    [LibraryImport(Cairo, EntryPoint = "cairo_image_surface_get_height")]
    private static partial int PictureHeight(nint surface);

    [LibraryImport(Cairo, EntryPoint = "cairo_save")]
    private static partial void Save(nint context);

    [LibraryImport(Cairo, EntryPoint = "cairo_restore")]
    private static partial void Restore(nint context);

    [LibraryImport(Cairo, EntryPoint = "cairo_translate")]
    private static partial void Translate(nint context, double x, double y);

    [LibraryImport(Cairo, EntryPoint = "cairo_scale")]
    private static partial void Scale(nint context, double x, double y);

    [LibraryImport(Cairo, EntryPoint = "cairo_set_source_surface")]
    private static partial void SetSource(nint context, nint surface, double x, double y);

    [LibraryImport(Cairo, EntryPoint = "cairo_paint")]
    private static partial void Paint(nint context);
}
