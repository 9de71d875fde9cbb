// SPDX-License-Identifier: GPL-2.0-or-later
// Module files as distributions ship them: plain, .xz, .gz, .zst. Told apart by their first bytes,
// not by their names.
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#ifdef LU_CTL_ZSTD
#include <zstd.h>
#endif

#include "module_file.h"

namespace luctl {
namespace {

/// No driver is near this big; a file that unpacks to more is damaged or hostile.
constexpr size_t kMaxImage = size_t{256} << 20;
constexpr size_t kStep = size_t{1} << 20;

Error damaged(const std::string& path, const char* format) {
  return {Exit::kError, fmt::format("{}: damaged {} file", path, format), "", 0, nullptr};
}

Result<std::string> unpack_xz(std::string_view data, const std::string& path) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, kMaxImage, 0) != LZMA_OK) return damaged(path, "xz");
  std::string image;
  stream.next_in = reinterpret_cast<const uint8_t*>(data.data());
  stream.avail_in = data.size();
  lzma_ret status = LZMA_OK;
  while (status == LZMA_OK && image.size() < kMaxImage) {
    size_t have = image.size();
    image.resize(have + kStep);
    stream.next_out = reinterpret_cast<uint8_t*>(image.data() + have);
    stream.avail_out = kStep;
    status = lzma_code(&stream, LZMA_FINISH);
    image.resize(have + kStep - stream.avail_out);
  }
  lzma_end(&stream);
  if (status != LZMA_STREAM_END) return damaged(path, "xz");
  return image;
}

Result<std::string> unpack_gz(std::string_view data, const std::string& path) {
  z_stream stream = {};
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) return damaged(path, "gzip");
  std::string image;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  int status = Z_OK;
  while (status == Z_OK && image.size() < kMaxImage) {
    size_t have = image.size();
    image.resize(have + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(image.data() + have);
    stream.avail_out = kStep;
    status = inflate(&stream, Z_NO_FLUSH);
    image.resize(have + kStep - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) return damaged(path, "gzip");
  return image;
}

#ifdef LU_CTL_ZSTD
Result<std::string> unpack_zstd(std::string_view data, const std::string& path) {
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream(ZSTD_createDStream());
  if (!stream) return damaged(path, "zstd");
  std::string image;
  ZSTD_inBuffer in{data.data(), data.size(), 0};
  size_t left = 1;
  while (left != 0 && image.size() < kMaxImage) {
    size_t have = image.size(), consumed = in.pos;
    image.resize(have + kStep);
    ZSTD_outBuffer out{image.data() + have, kStep, 0};
    left = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(left)) return damaged(path, "zstd");
    image.resize(have + out.pos);
    if (left != 0 && out.pos == 0 && in.pos == consumed) return damaged(path, "zstd");
  }
  if (left != 0) return damaged(path, "zstd");
  return image;
}
#else
Result<std::string> unpack_zstd(std::string_view, const std::string& path) {
  return Error{Exit::kError, path + ": zstd-compressed, and this lu-ctl was built without zstd",
               "unzstd " + path, 0, nullptr};
}
#endif

}  // namespace

Result<std::string> decompress(std::string_view data, const std::string& path) {
  if (data.starts_with(std::string_view("\xfd"
                                        "7zXZ\0",
                                        6)))
    return unpack_xz(data, path);
  if (data.starts_with("\x1f\x8b")) return unpack_gz(data, path);
  if (data.starts_with("\x28\xb5\x2f\xfd")) return unpack_zstd(data, path);
  return std::string(data);
}

}  // namespace luctl
